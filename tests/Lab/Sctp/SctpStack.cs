using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Vallum.Lab.Sctp;

/// <summary>
/// The SCTP of one address, over a raw socket: many kernels, those of small virtual machines above all, match and track SCTP but do not
/// speak it. It sets associations up and ends them, which is all that a policy judges.
/// </summary>
internal sealed class SctpStack : IAsyncDisposable
{
    private const int Sctp = 132;

    /// <summary>The packets of this stack carry it while they are in their own namespace.</summary>
    private const int Mark = 0x5c7;

    private readonly string _name;
    private readonly IPAddress _address;
    private readonly Socket _socket;
    private readonly ConcurrentDictionary<int, byte> _listening = [];
    private readonly ConcurrentDictionary<int, SctpAttempt> _attempts = [];
    private readonly Task _receiving;

    private SctpStack(string name, IPAddress address, Socket socket)
    {
        _name = name;
        _address = address;
        _socket = socket;
        _receiving = ReceiveAsync();
    }

    public static async Task<SctpStack> StartAsync(LabHost host, IPAddress address)
    {
        var socket = await host.Thread.RunAsync(() =>
        {
            // AF_INET and AF_INET6 of Linux.
            var family = address.AddressFamily == AddressFamily.InterNetwork ? 2 : 10;
            var descriptor = Libc.OpenSocket(family, Libc.RawSocket, Sctp);
            if (descriptor < 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError(), $"no raw SCTP socket: {Marshal.GetLastPInvokeErrorMessage()}");
            }
            var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
            socket.Bind(new IPEndPoint(address, 0));
            // SOL_SOCKET, SO_MARK of asm-generic/socket.h.
            socket.SetRawSocketOption(1, 36, BitConverter.GetBytes(Mark));
            return socket;
        });
        return new SctpStack(host.Name, address, socket);
    }

    /// <summary>True where the kernel speaks SCTP too, and so aborts what it knows nothing of.</summary>
    public static bool KernelHasItsOwn => File.ReadLines("/proc/net/protocols").Any(line => line.StartsWith("SCTP", StringComparison.Ordinal));

    /// <summary>Keeps the kernel's own SCTP from speaking in the host's namespace.</summary>
    public static async Task SilenceKernelAsync(LabHost host, CancellationToken cancellationToken)
    {
        foreach (var tool in (string[])["iptables", "ip6tables"])
        {
            await Command.RunAsync(
                "ip", ["netns", "exec", host.Namespace, tool, "-A", "OUTPUT", "-p", "sctp", "-m", "mark", "!", "--mark", $"{Mark}", "-j", "DROP"],
                cancellationToken: cancellationToken);
        }
    }

    /// <summary>Answers on the port until the result is disposed.</summary>
    public IAsyncDisposable Open(int port)
    {
        _listening[port] = 0;
        return new OpenPort(this, port);
    }

    /// <summary>Sets an association up and ends it. The token ends the attempt, also while it waits for its answer.</summary>
    /// <returns>The name of the host that answered; null if it aborted.</returns>
    public async Task<string?> ConnectAsync(IPAddress to, int port, int sourcePort, TimeSpan resend, CancellationToken cancellationToken)
    {
        var attempt = new SctpAttempt(to, port, (uint)Random.Shared.Next(1, int.MaxValue));
        _attempts[sourcePort] = attempt;
        try
        {
            while (true)
            {
                await SendAsync(new SctpPacket(sourcePort, port, 0, SctpChunk.Init, SctpHandshake.Init(attempt.Tag)), to);
                try
                {
                    return await attempt.Answer.WaitAsync(resend, cancellationToken);
                }
                catch (TimeoutException)
                {
                    // Lost or stopped; the next INIT tells nothing new but costs nothing.
                }
            }
        }
        finally
        {
            _attempts.TryRemove(sourcePort, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _receiving;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[2048];
        var any = new IPEndPoint(_address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, any);
                // raw(7): an IPv4 socket gets the IP header too, whose length is in words of its first byte; ipv6(7): an IPv6 one does not.
                var header = _address.AddressFamily == AddressFamily.InterNetwork ? (buffer[0] & 0xf) * 4 : 0;
                if (header <= received.ReceivedBytes && SctpPacket.Read(buffer.AsMemory(header, received.ReceivedBytes - header)) is { } packet)
                {
                    await AnswerAsync(packet, ((IPEndPoint)received.RemoteEndPoint).Address);
                }
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                // An answer that could not leave; the next packet may be answered.
            }
        }
    }

    private async Task AnswerAsync(SctpPacket packet, IPAddress from)
    {
        switch (packet.Chunk)
        {
            case SctpChunk.Init when SctpHandshake.IsInit(packet.Body):
                var client = SctpHandshake.TagOf(packet.Body);
                await SendAsync(
                    _listening.ContainsKey(packet.DestinationPort)
                        ? Reply(packet, client, SctpChunk.InitAck, SctpHandshake.InitAck((uint)Random.Shared.Next(1, int.MaxValue), client, _name))
                        : Reply(packet, client, SctpChunk.Abort),
                    from);
                break;
            case SctpChunk.CookieEcho when SctpHandshake.IsCookie(packet.Body) && _listening.ContainsKey(packet.DestinationPort):
                await SendAsync(Reply(packet, SctpHandshake.ClientTagOf(packet.Body), SctpChunk.CookieAck), from);
                break;
            case SctpChunk.InitAck when SctpHandshake.IsInitAck(packet.Body) && AttemptOf(packet, from) is { } attempt:
                var cookie = SctpHandshake.CookieOf(packet.Body).ToArray();
                attempt.Accepted(SctpHandshake.TagOf(packet.Body), SctpHandshake.ServerOf(cookie));
                await SendAsync(Reply(packet, attempt.ServerTag, SctpChunk.CookieEcho, cookie), from);
                break;
            case SctpChunk.CookieAck when AttemptOf(packet, from) is { } attempt:
                // Ended at once, so that connection tracking forgets it in seconds and not in minutes.
                await SendAsync(Reply(packet, attempt.ServerTag, SctpChunk.Abort), from);
                attempt.Established();
                break;
            case SctpChunk.Abort:
                AttemptOf(packet, from)?.Aborted();
                break;
        }
    }

    private SctpAttempt? AttemptOf(SctpPacket packet, IPAddress from) =>
        _attempts.TryGetValue(packet.DestinationPort, out var attempt)
        && attempt.Tag == packet.Tag && attempt.Port == packet.SourcePort && attempt.To.Equals(from)
            ? attempt
            : null;

    private static SctpPacket Reply(SctpPacket to, uint tag, SctpChunk chunk, ReadOnlyMemory<byte> body = default) =>
        new(to.DestinationPort, to.SourcePort, tag, chunk, body);

    private async Task SendAsync(SctpPacket packet, IPAddress to) => await _socket.SendToAsync(packet.Write(), new IPEndPoint(to, 0));

    private sealed class OpenPort(SctpStack stack, int port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            stack._listening.TryRemove(port, out _);
            return ValueTask.CompletedTask;
        }
    }
}
