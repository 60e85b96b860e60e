using System.Runtime.InteropServices;
using Vallum.Lab;
using Vallum.Load.Dataplane.Testbed;

namespace Vallum.Load.Dataplane.Connections;

/// <summary>
/// Answers each connection with as many bytes as its request asks for, and waits for the client to end it. One thread per processor given, all of
/// them on one listening socket.
/// </summary>
internal sealed class ResponseServer : IAsyncDisposable
{
    public const ushort Port = 8080;

    /// <summary>Of a request: the number of bytes asked for, and nothing else.</summary>
    public const int RequestBytes = 4;

    private const int LargestResponse = 1 << 20;
    private const int TcpNoDelay = 1;
    private const int NoSignal = 0x4000;
    private const int ReadAndWrite = 2;

    private readonly int _listener;
    private readonly List<NamespaceThread> _threads = [];
    private readonly List<Task> _serving = [];

    private ResponseServer(int listener) => _listener = listener;

    public static async Task<ResponseServer> StartAsync(string space, params int[] processors)
    {
        ResponseServer? server = null;
        foreach (var processor in processors)
        {
            var thread = await NamespaceThread.EnterAsync(space);
            server ??= new ResponseServer(await thread.RunAsync(Open));
            server._threads.Add(thread);
            var serving = server;
            server._serving.Add(thread.RunAsync(() => serving.Serve(processor)));
        }

        return server ?? throw new ArgumentException("no processor to serve on", nameof(processors));
    }

    public async ValueTask DisposeAsync()
    {
        // Closing a descriptor wakes nobody who waits on it; this does.
        _ = Native.Shutdown(_listener, ReadAndWrite);
        await Task.WhenAll(_serving);
        _threads.ForEach(thread => thread.Dispose());
        _ = Native.Close(_listener);
    }

    private static unsafe int Open()
    {
        const int SocketLevel = 1;
        const int ReuseAddress = 2;
        var listener = Native.Socket(Native.Inet, Native.Stream, 0);
        Native.Check(listener, "socket");
        Native.SetOption(listener, SocketLevel, ReuseAddress, [1, 0, 0, 0]);
        var any = new Native.InternetAddress { Family = Native.Inet, Port = NetworkOrder(Port) };
        Native.Check(Native.Bind(listener, &any, sizeof(Native.InternetAddress)), "bind");
        Native.Check(Native.Listen(listener, 1024), "listen");
        return listener;
    }

    public static ushort NetworkOrder(ushort port) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(port);

    private unsafe void Serve(int processor)
    {
        const int Tcp = 6;
        Native.PinTo(processor);
        var response = (byte*)NativeMemory.AllocZeroed(LargestResponse);
        try
        {
            int connection;
            while ((connection = Native.Accept(_listener, null, null, 0)) >= 0 || Marshal.GetLastPInvokeError() == Native.Interrupted)
            {
                if (connection < 0)
                {
                    continue;
                }

                int wanted;
                if (Native.Receive(connection, &wanted, RequestBytes, 0) == RequestBytes)
                {
                    Native.SetOption(connection, Tcp, TcpNoDelay, [1, 0, 0, 0]);
                    SendAll(connection, response, Math.Min(wanted, LargestResponse));
                    _ = Native.Receive(connection, &wanted, RequestBytes, 0);
                }

                _ = Native.Close(connection);
            }
        }
        finally
        {
            NativeMemory.Free(response);
        }
    }

    private static unsafe void SendAll(int connection, byte* bytes, nint count)
    {
        while (count > 0)
        {
            var sent = Native.Send(connection, bytes, count, NoSignal);
            if (sent <= 0)
            {
                return;
            }

            count -= sent;
        }
    }
}
