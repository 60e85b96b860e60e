using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Vallum.Lab.Serving;

namespace Vallum.Lab;

/// <summary>A host of a running lab: a network namespace with a name.</summary>
public sealed class LabHost
{
    /// <summary>The ports that probes send from. No two probes of a host share one, so that none is taken for a flow seen before.</summary>
    private const int FirstSourcePort = 20000;

    private const int SourcePorts = 40000;

    private readonly HostPlan _plan;
    private int _sent;

    internal LabHost(HostPlan plan, NamespaceThread thread)
    {
        _plan = plan;
        Thread = thread;
        Services = new HostServices(this);
    }

    public string Name => _plan.Name;

    public HostKind Kind => _plan.Kind;

    /// <summary>As <c>ip netns exec</c> knows it.</summary>
    public string Namespace => _plan.Namespace;

    /// <summary>Where the other hosts reach it: the control host on the management network, all others on the fabric.</summary>
    public ImmutableArray<IPAddress> Addresses => _plan.Addresses;

    /// <summary>Its first IPv4 address.</summary>
    public IPAddress V4 => AddressOf(AddressFamily.InterNetwork);

    /// <summary>Its first IPv6 address.</summary>
    public IPAddress V6 => AddressOf(AddressFamily.InterNetworkV6);

    /// <summary>The node that a workload is behind; null for every other host.</summary>
    public string? Node => _plan.Node;

    /// <summary>A workload's interface as its node sees it; null for every other host.</summary>
    public string? NodeInterface => _plan.NodeInterface;

    internal NamespaceThread Thread { get; }

    internal HostServices Services { get; }

    internal HostPlan Plan => _plan;

    /// <exception cref="InvalidOperationException">The host has no address of the family.</exception>
    public IPAddress AddressOf(AddressFamily family) => Addresses.First(address => address.AddressFamily == family);

    public override string ToString() => Name;

    internal int NextSourcePort() => FirstSourcePort + (int)((uint)Interlocked.Increment(ref _sent) % SourcePorts);

    /// <summary>A socket of this host bound to the next source port, and to <paramref name="source"/>, whoever's it is, if one is given.</summary>
    internal Task<Socket> OpenAsync(AddressFamily family, SocketType type, ProtocolType protocol, IPAddress? source = null) =>
        Thread.RunAsync(() =>
        {
            var socket = new Socket(family, type, protocol);
            if (source is not null)
            {
                // IP_TRANSPARENT of linux/in.h and its like of linux/in6.h: any source, for binding and for the choice of a route.
                var (level, option) = family == AddressFamily.InterNetwork ? (0, 19) : (41, 75);
                socket.SetRawSocketOption(level, option, BitConverter.GetBytes(1));
            }
            var address = source ?? (family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    socket.Bind(new IPEndPoint(address, NextSourcePort()));
                    return socket;
                }
                catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < 100)
                {
                    // A service of the host has this port, or a probe of long ago still holds it: the next one.
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            }
        });
}
