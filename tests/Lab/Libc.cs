using System.Runtime.InteropServices;

namespace Vallum.Lab;

/// <summary>The few calls of the C library that .NET does not offer: entering a namespace, raw sockets of any protocol, signals.</summary>
internal static partial class Libc
{
    /// <summary>CLONE_NEWNET of <c>sched.h</c>: the descriptor must be a network namespace.</summary>
    public const int NewNetworkNamespace = 0x40000000;

    /// <summary>SOCK_RAW | SOCK_CLOEXEC.</summary>
    public const int RawSocket = 3 | 0x80000;

    /// <summary>Moves the calling thread, and no other, into the namespace of the descriptor (setns(2)).</summary>
    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(int descriptor, int kind);

    /// <summary>socket(2): .NET refuses protocol numbers that it has no name for.</summary>
    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);
}
