using System.Runtime.InteropServices;

namespace Vallum.NodeAgent.Netlink;

/// <summary>Reads one message that answers a request.</summary>
internal delegate void NetlinkReader(NetlinkMessage message);

/// <summary>
/// A socket to netfilter, in the network namespace of the thread that opens it. The kernel does what a request asks while it is being sent, so an answer
/// is there when the send returns, and to have several requests under way would gain nothing. One caller at a time.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    private const int Family = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int Netfilter = 12;
    private const int SocketLevel = 1;
    private const int ReceiveBufferForce = 33;
    private const int SendBufferForce = 32;
    private const int ReceiveTimeout = 20;
    private const int NetlinkLevel = 270;
    private const int CapAck = 10;

    // Room for the longest message and its bookkeeping, and for a burst of events where those are listened for.
    private const int BufferBytes = 4 * 1024 * 1024;

    // The kernel answers at once or never.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // A dump fills what the reader gives it, up to 32 KiB at a time; an error carries the request that it answers.
    private readonly byte[] _received = new byte[128 * 1024];
    private readonly SocketHandle _handle;
    private uint _sequence;

    private NetlinkSocket(SocketHandle handle) => _handle = handle;

    /// <param name="wait">How long <see cref="Receive"/> waits for a message; zero: for ever.</param>
    /// <exception cref="NetlinkException">There is no netfilter to talk to, or this process may not.</exception>
    public static NetlinkSocket Open(TimeSpan? wait = null)
    {
        var handle = Libc.Socket(Family, RawCloseOnExec, Netfilter);
        if (handle.IsInvalid)
        {
            throw new NetlinkException("no socket to netfilter", Marshal.GetLastPInvokeError());
        }

        var socket = new NetlinkSocket(handle);
        try
        {
            // struct sockaddr_nl: family, pad, port 0 (the kernel chooses), no groups.
            Span<byte> address = stackalloc byte[12];
            address.Clear();
            MemoryMarshal.Write(address, (ushort)Family);
            Check("bind", Libc.Bind(handle, address, address.Length));
            socket.Set(SocketLevel, ReceiveTimeout, TimeValue(wait ?? LongestWait));

            // An ack without the request that it answers. Without the right to larger buffers, or on an old kernel, it works as well, if slower.
            socket.TrySet(NetlinkLevel, CapAck, 1);
            socket.TrySet(SocketLevel, SendBufferForce, BufferBytes);
            socket.TrySet(SocketLevel, ReceiveBufferForce, BufferBytes);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and reads what answers it, to the end.</summary>
    /// <param name="request">With <see cref="NetlinkFlags.Ack"/> or <see cref="NetlinkFlags.Dump"/>: other requests have no end.</param>
    /// <param name="each">Called for each message of the answer but the last.</param>
    /// <param name="refused">Called with the request that the kernel gives back with an error.</param>
    /// <returns>0, or the error: an errno, or one of the subsystem's own.</returns>
    /// <exception cref="NetlinkException">The socket failed, or no answer came.</exception>
    public int Ask(NetlinkRequest request, NetlinkReader? each = null, NetlinkReader? refused = null)
    {
        var sequence = Send(request);
        while (true)
        {
            var received = Receive();
            if (received.IsEmpty)
            {
                throw new NetlinkException("no answer", Libc.TimedOut);
            }

            while (NetlinkMessage.TryCut(ref received, out var message))
            {
                // An answer to an earlier request, which nobody waited for.
                if (message.Sequence != sequence)
                {
                    continue;
                }

                switch (message.Type)
                {
                    case NetlinkMessage.ErrorType when message.Error != 0:
                        refused?.Invoke(message.Refused);
                        return message.Error;
                    case NetlinkMessage.ErrorType or NetlinkMessage.DoneType:
                        return message.Error;
                    default:
                        each?.Invoke(message);
                        break;
                }
            }
        }
    }

    /// <returns>The sequence number that answers will carry.</returns>
    public uint Send(NetlinkRequest request)
    {
        var bytes = request.Bytes;
        MemoryMarshal.Write(bytes[8..], ++_sequence);
        nint sent;
        do
        {
            sent = Libc.Send(_handle, bytes, bytes.Length, 0);
        }
        while (sent < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted);

        if (sent < 0)
        {
            throw new NetlinkException("send", Marshal.GetLastPInvokeError());
        }

        return _sequence;
    }

    /// <summary>What comes next: one or more messages, valid until the next call; empty when nothing came in time.</summary>
    /// <exception cref="NetlinkException">With <see cref="Libc.NoBufferSpace"/>: messages came faster than they were read, and some are lost.</exception>
    public ReadOnlySpan<byte> Receive()
    {
        while (true)
        {
            var read = Libc.Receive(_handle, _received, _received.Length, 0);
            if (read >= 0)
            {
                return _received.AsSpan(0, (int)read);
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.Interrupted:
                    break;
                case Libc.Again:
                    return [];
                case var error:
                    throw new NetlinkException("receive", error);
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private static byte[] TimeValue(TimeSpan wait)
    {
        // struct timeval of a 64-bit machine: seconds and microseconds.
        var bytes = new byte[16];
        MemoryMarshal.Write(bytes, (long)wait.TotalSeconds);
        MemoryMarshal.Write(bytes.AsSpan(8), wait.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        return bytes;
    }

    private static void Check(string what, int result)
    {
        if (result < 0)
        {
            throw new NetlinkException(what, Marshal.GetLastPInvokeError());
        }
    }

    private void Set(int level, int option, ReadOnlySpan<byte> value) => Check("setsockopt", Libc.SetOption(_handle, level, option, value, value.Length));

    private bool TrySet(int level, int option, int value) => Libc.SetOption(_handle, level, option, BitConverter.GetBytes(value), sizeof(int)) == 0;
}
