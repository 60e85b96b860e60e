using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Vallum.Load.Dataplane.Testbed;
using Vallum.Load.Measuring;

namespace Vallum.Load.Dataplane.Connections;

/// <summary>
/// One new TCP connection per request, through a router of choice; used by one thread, in the client's namespace. The client resets the connection once
/// it has the whole response, so that neither end keeps it for a minute.
/// </summary>
internal sealed unsafe class RequestClient : IDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(BufferBytes);

    public void Dispose() => NativeMemory.Free(_buffer);

    /// <summary>The median over <paramref name="requests"/>, in microseconds from before the connection until the last byte of the response.</summary>
    public double Block(Router router, int responseBytes, int requests)
    {
        Span<double> durations = stackalloc double[requests];
        for (var i = 0; i < requests; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var socket = Request(router, responseBytes);
            durations[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            _ = Native.Close(socket);
        }

        durations.Sort();
        return Spread.At(durations, 0.5);
    }

    /// <summary>Requests one after the other for as long as <paramref name="duration"/>, and how many a second it were.</summary>
    public double PerSecond(Router router, int responseBytes, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var count = 0;
        TimeSpan elapsed;
        do
        {
            _ = Native.Close(Request(router, responseBytes));
            count++;
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < duration);
        return count / elapsed.TotalSeconds;
    }

    /// <summary>A connection over which the response came; to be closed, which resets it.</summary>
    private int Request(Router router, int responseBytes)
    {
        const int SocketLevel = 1;
        const int Linger = 13;
        var socket = Native.Socket(Native.Inet, Native.Stream, 0);
        Native.Check(socket, "socket");

        // struct linger: on, for 0 seconds.
        Native.SetOption(socket, SocketLevel, Linger, [1, 0, 0, 0, 0, 0, 0, 0]);
        var server = new Native.InternetAddress
        {
            Family = Native.Inet,
            Port = ResponseServer.NetworkOrder(ResponseServer.Port),
            Address = BinaryPrimitives.ReverseEndianness((uint)router.Server.Bits),
        };
        Native.Check(Native.Connect(socket, &server, sizeof(Native.InternetAddress)), $"connect to {router.Server}");
        Native.Check(Native.Send(socket, &responseBytes, ResponseServer.RequestBytes, 0), "send");
        for (nint left = responseBytes; left > 0;)
        {
            var received = Native.Check(Native.Receive(socket, _buffer, BufferBytes, 0), "recv");
            left = received > 0 ? left - received : throw new InvalidOperationException($"{router.Server} ended the connection with {left} bytes to come");
        }

        return socket;
    }
}
