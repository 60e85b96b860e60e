using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Vallum.Load.Dataplane.Testbed;

/// <summary>
/// Calls of the C library, plain and blocking: a connection costs some dozen microseconds here, and what a managed socket does besides would be a good
/// part of it. Numbers are those of x86-64 and arm64 Linux headers.
/// </summary>
internal static unsafe partial class Native
{
    public const int Inet = 2;
    public const int Packet = 17;
    public const int Stream = 1 | CloseOnExec;
    public const int Raw = 3 | CloseOnExec;
    public const int Interrupted = 4;

    private const int CloseOnExec = 0x80000;

    /// <exception cref="Win32Exception">The call failed: <paramref name="result"/> is negative.</exception>
    public static nint Check(nint result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

    public static void SetOption(int socket, int level, int option, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value)
        {
            Check(SetSocketOption(socket, level, option, bytes, value.Length), "setsockopt");
        }
    }

    /// <summary>Puts the calling thread on one processor, counted from 0.</summary>
    public static void PinTo(int processor)
    {
        Span<byte> mask = stackalloc byte[128];
        mask[processor / 8] = (byte)(1 << (processor % 8));
        fixed (byte* bytes = mask)
        {
            Check(SetAffinity(0, mask.Length, bytes), "sched_setaffinity");
        }
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int socket, void* address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int socket, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int socket, void* address, void* length, int flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, void* address, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, void* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, void* bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int socket, int how);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, MessageHeaderWithLength* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint InterfaceIndex(string name);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(int socket, int level, int option, void* value, int length);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nint length, void* mask);

    /// <summary>struct iovec</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public void* Bytes;
        public nint Length;
    }

    /// <summary>struct mmsghdr: a struct msghdr, padded to 56 bytes, and a count.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct MessageHeaderWithLength
    {
        [FieldOffset(0)]
        public void* Name;

        [FieldOffset(8)]
        public uint NameLength;

        [FieldOffset(16)]
        public Vector* Vectors;

        [FieldOffset(24)]
        public nint VectorCount;

        [FieldOffset(32)]
        public void* Control;

        [FieldOffset(40)]
        public nint ControlLength;

        [FieldOffset(48)]
        public int Flags;

        [FieldOffset(56)]
        public uint Sent;
    }

    /// <summary>struct sockaddr_in; port and address in network order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct InternetAddress
    {
        public ushort Family;
        public ushort Port;
        public uint Address;
        public ulong Zero;
    }

    /// <summary>struct sockaddr_ll</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LinkAddress
    {
        public ushort Family;
        public ushort Protocol;
        public int Interface;
        public ushort Hardware;
        public byte PacketType;
        public byte AddressLength;
        public ulong Address;
    }
}
