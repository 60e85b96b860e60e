using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vallum.NodeAgent.Netlink;

/// <summary>The system calls behind a netlink socket: .NET's own Socket refuses the address family. Each leaves its errno.</summary>
internal static partial class Libc
{
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int NoBufferSpace = 105;
    public const int TimedOut = 110;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial SocketHandle Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(SocketHandle socket, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(SocketHandle socket, int level, int name, ReadOnlySpan<byte> value, int length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SocketHandle socket, ReadOnlySpan<byte> bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SocketHandle socket, Span<byte> bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(nint descriptor);
}

/// <summary>A file descriptor that is closed once, whatever happens.</summary>
internal sealed class SocketHandle : SafeHandleMinusOneIsInvalid
{
    public SocketHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle() => Libc.Close(handle) == 0;
}
