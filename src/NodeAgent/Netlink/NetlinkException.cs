using System.Runtime.InteropServices;
using Vallum.NodeAgent.Kernel;

namespace Vallum.NodeAgent.Netlink;

/// <summary>The socket failed, or the kernel does not know what it was asked. What it refuses of what it knows is an answer, not this.</summary>
internal sealed class NetlinkException(string what, int error) : KernelFailedException($"netlink: {what}: {Words(error)}")
{
    /// <summary>An errno.</summary>
    public int Error { get; } = error;

    public static string Words(int error) => error > 0 && error < 4096 ? Marshal.GetPInvokeErrorMessage(error) : $"error {error}";
}
