using System.ComponentModel;
using System.Runtime.InteropServices;
using Vallum.Lab;

namespace Vallum.Dataplane.Packets.Tests.Frames;

/// <summary>Frames in and out of the interfaces of one namespace, packet(7).</summary>
internal sealed partial class PacketSocket : IDisposable
{
    private const int AfPacket = 17;
    private const int SolPacket = 263;
    private const int PacketStatistics = 6;
    private const int PacketIgnoreOutgoing = 23;
    private const int SolSocket = 1;
    private const int ReceiveBufferForce = 33;
    private const int ReceiveTimeout = 20;
    private const int BufferBytes = 128 * 1024 * 1024;

    // ETH_P_ALL in network order.
    private const int AllProtocols = 0x0300;

    private readonly int _descriptor;

    private PacketSocket(int descriptor) => _descriptor = descriptor;

    /// <summary>One that only sends.</summary>
    /// <param name="thread">A thread inside the namespace.</param>
    public static Task<PacketSocket> ForSendingAsync(NamespaceThread thread) => OpenAsync(thread, 0);

    /// <summary>One that hears every frame that comes in on any interface, and none that goes out.</summary>
    public static async Task<PacketSocket> ForHearingAsync(NamespaceThread thread, TimeSpan patience)
    {
        var socket = await OpenAsync(thread, AllProtocols);
        socket.Set(SolPacket, PacketIgnoreOutgoing, 1);
        socket.Set(SolSocket, ReceiveBufferForce, BufferBytes);
        socket.Set(SolSocket, ReceiveTimeout, patience.Seconds, patience.Milliseconds * 1000);
        return socket;
    }

    public static Task<int> InterfaceAsync(NamespaceThread thread, string name) => thread.RunAsync(() => Check((int)InterfaceIndex(name)));

    public unsafe void Send(int link, ReadOnlySpan<byte> frame)
    {
        // sockaddr_ll: family, protocol, index, …
        var address = stackalloc byte[20];
        *(ushort*)address = AfPacket;
        *(int*)(address + 4) = link;
        fixed (byte* bytes = frame)
        {
            Check((int)SendTo(_descriptor, bytes, (nuint)frame.Length, 0, address, 20));
        }
    }

    /// <summary>How many bytes of a frame were written to <paramref name="buffer"/>, and where it came in; null: nothing came for a while.</summary>
    public unsafe (int Length, int Link)? Receive(Span<byte> buffer)
    {
        var address = stackalloc byte[20];
        var size = 20;
        fixed (byte* bytes = buffer)
        {
            var length = ReceiveFrom(_descriptor, bytes, (nuint)buffer.Length, 0, address, &size);
            return length < 0 ? null : ((int)length, *(int*)(address + 4));
        }
    }

    /// <summary>Frames that the kernel could not put into this socket's buffer since it was last asked.</summary>
    public unsafe int TakeDrops()
    {
        var counts = stackalloc uint[2];
        var size = 8;
        Check(GetOption(_descriptor, SolPacket, PacketStatistics, counts, &size));
        return (int)counts[1];
    }

    public void Dispose() => _ = Close(_descriptor);

    private unsafe void Set(int level, int name, int value) => Check(SetOption(_descriptor, level, name, &value, sizeof(int)));

    /// <summary>A timeval.</summary>
    private unsafe void Set(int level, int name, long seconds, long microseconds)
    {
        var value = stackalloc long[] { seconds, microseconds };
        Check(SetOption(_descriptor, level, name, value, 2 * sizeof(long)));
    }

    private static Task<PacketSocket> OpenAsync(NamespaceThread thread, int protocol) =>
        thread.RunAsync(() => new PacketSocket(Check(Libc.OpenSocket(AfPacket, Libc.RawSocket, protocol))));

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static unsafe partial int SetOption(int descriptor, int level, int name, void* value, int size);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static unsafe partial int GetOption(int descriptor, int level, int name, void* value, int* size);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static unsafe partial nint SendTo(int descriptor, byte* bytes, nuint length, int flags, byte* address, int size);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static unsafe partial nint ReceiveFrom(int descriptor, byte* bytes, nuint length, int flags, byte* address, int* size);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint InterfaceIndex(string name);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
