using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vallum.Lab.Probing;

/// <summary>
/// One probe of each protocol, from a host to an address whose owner is known. Each goes on until it has an answer or its token ends it,
/// and throws <see cref="OperationCanceledException"/> then: silence has no other end.
/// </summary>
internal static class Attempts
{
    /// <summary>How long a packet may stay unanswered before it is sent once more.</summary>
    private static readonly TimeSpan Resend = TimeSpan.FromMilliseconds(300);

    public static Task<ProbeResult> Of(LabHost from, Probe probe, string? owner, CancellationToken cancellationToken) => probe.Protocol switch
    {
        ProbeProtocol.Tcp => TcpAsync(from, probe, owner, cancellationToken),
        ProbeProtocol.Udp => UdpAsync(from, probe, owner, cancellationToken),
        ProbeProtocol.Sctp => SctpAsync(from, probe, owner, cancellationToken),
        _ => EchoAsync(from, probe.To, owner, Resend, cancellationToken),
    };

    private static async Task<ProbeResult> TcpAsync(LabHost from, Probe probe, string? owner, CancellationToken cancellationToken)
    {
        using var socket = await from.OpenAsync(probe.To.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        // Closed by a reset: no connection lingers on either side.
        socket.LingerState = new LingerOption(true, 0);
        await socket.ConnectAsync(new IPEndPoint(probe.To, probe.Port), cancellationToken);
        try
        {
            return await ReadLineAsync(socket, cancellationToken) is { } name
                ? ProbeResult.AnsweredBy(name, owner)
                : new ProbeResult(ProbeOutcome.Error, "connected, then closed without a word");
        }
        catch (OperationCanceledException)
        {
            return new ProbeResult(ProbeOutcome.Error, "connected, then silence");
        }
    }

    /// <summary>Null if the other side closed before the end of the line.</summary>
    internal static async Task<string?> ReadLineAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[256];
        var filled = 0;
        while (filled < buffer.Length)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellationToken);
            if (count == 0)
            {
                return null;
            }
            filled += count;
            if (Array.IndexOf(buffer, (byte)'\n', 0, filled) is >= 0 and var end)
            {
                return Encoding.UTF8.GetString(buffer, 0, end);
            }
        }
        return null;
    }

    private static async Task<ProbeResult> UdpAsync(LabHost from, Probe probe, string? owner, CancellationToken cancellationToken)
    {
        using var socket = await from.OpenAsync(probe.To.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(new IPEndPoint(probe.To, probe.Port), cancellationToken);
        var token = Encoding.UTF8.GetBytes(Guid.NewGuid().ToString("N"));
        var answer = await AskAsync(socket, token, Resend, cancellationToken);
        var text = Encoding.UTF8.GetString(answer.Span);
        return text.Split('\n') is [var name, var echoed] && echoed == Encoding.UTF8.GetString(token)
            ? ProbeResult.AnsweredBy(name, owner)
            : new ProbeResult(ProbeOutcome.Error, $"not our answer: {text}");
    }

    private static async Task<ProbeResult> SctpAsync(LabHost from, Probe probe, string? owner, CancellationToken cancellationToken)
    {
        var stack = from.Services.SctpOf(from.AddressOf(probe.To.AddressFamily));
        var name = await stack.ConnectAsync(probe.To, probe.Port, from.NextSourcePort(), Resend, cancellationToken);
        return name is null ? new ProbeResult(ProbeOutcome.Refused, "aborted") : ProbeResult.AnsweredBy(name, owner);
    }

    /// <summary>An echo socket (icmp(7)): the kernel sets the identifier, to the port it is bound to, and the checksum, and passes on nothing but its own answers.</summary>
    internal static async Task<ProbeResult> EchoAsync(LabHost from, IPAddress to, string? owner, TimeSpan resend, CancellationToken cancellationToken)
    {
        var v4 = to.AddressFamily == AddressFamily.InterNetwork;
        using var socket = await from.OpenAsync(to.AddressFamily, SocketType.Dgram, v4 ? ProtocolType.Icmp : ProtocolType.IcmpV6);
        await socket.ConnectAsync(new IPEndPoint(to, 0), cancellationToken);
        byte request = v4 ? (byte)8 : (byte)128;
        byte reply = v4 ? (byte)0 : (byte)129;
        var answer = await AskAsync(socket, [request, 0, 0, 0, 0, 0, 0, 1], resend, cancellationToken);
        return answer.Span[0] == reply
            ? ProbeResult.AnsweredBy(owner ?? "someone", owner)
            : new ProbeResult(ProbeOutcome.Error, $"ICMP type {answer.Span[0]}");
    }

    /// <summary>Sends until something comes back.</summary>
    private static async Task<ReadOnlyMemory<byte>> AskAsync(Socket socket, byte[] question, TimeSpan resend, CancellationToken cancellationToken)
    {
        var buffer = new byte[512];
        var answer = socket.ReceiveAsync(buffer, cancellationToken).AsTask();
        while (true)
        {
            await socket.SendAsync(question, cancellationToken);
            try
            {
                return buffer.AsMemory(0, await answer.WaitAsync(resend, cancellationToken));
            }
            catch (TimeoutException)
            {
                // Lost or stopped: once more.
            }
        }
    }
}
