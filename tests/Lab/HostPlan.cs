using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Vallum.Lab;

/// <summary>What a host of the lab is.</summary>
public enum HostKind
{
    /// <summary>Reaches the nodes' management interfaces and nothing else: the place of a control plane.</summary>
    Control,

    /// <summary>A router with workloads behind it: the place of an agent.</summary>
    Node,

    /// <summary>Behind a node.</summary>
    Workload,

    /// <summary>Behind no node, on the bridge of the nodes.</summary>
    Outsider,
}

/// <summary>One host as it shall be, before anything is made.</summary>
/// <param name="Addresses">A node's are those by which the other nodes reach it; the control host's, those by which the nodes reach it.</param>
/// <param name="Node">The node that a workload is behind, else null.</param>
/// <param name="NodeInterface">A workload's interface as its node sees it, else null.</param>
/// <param name="Number">Counts the hosts of its kind from 0.</param>
internal sealed record HostPlan(
    string Name, HostKind Kind, string Namespace, ImmutableArray<IPAddress> Addresses, string? Node, string? NodeInterface, int Number)
{
    public IEnumerable<IPAddress> V4 => Addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork);

    public IEnumerable<IPAddress> V6 => Addresses.Where(address => address.AddressFamily == AddressFamily.InterNetworkV6);
}
