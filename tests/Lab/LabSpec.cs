using System.Collections.Immutable;
using System.Net;
using Vallum.Lab.Probing;

namespace Vallum.Lab;

/// <summary>A small data centre: its nodes, and the workloads behind them or outside of them.</summary>
/// <param name="Nodes">Each a router with its own firewall, joined to the others by a bridge. Names are unique among all hosts.</param>
/// <param name="Workloads">Each in a namespace of its own.</param>
public sealed record LabSpec(ImmutableArray<NodeSpec> Nodes, ImmutableArray<WorkloadSpec> Workloads)
{
    /// <summary>
    /// Nodes <c>n1</c>, <c>n2</c>, … with workloads <c>w1</c>, <c>w2</c>, … dealt to them in turn, each serving <paramref name="services"/>.
    /// </summary>
    public static LabSpec Of(int nodes, int workloads, params ImmutableArray<Service> services) => new(
        [.. Enumerable.Range(1, nodes).Select(number => new NodeSpec($"n{number}"))],
        [.. Enumerable.Range(0, workloads).Select(index => new WorkloadSpec($"w{index + 1}", $"n{(index % nodes) + 1}") { Services = services })]);
}

/// <summary>A node: forwards between its workloads and the other nodes.</summary>
public sealed record NodeSpec(string Name);

/// <summary>A workload, or with no node a machine outside of all nodes that reaches the workloads through them.</summary>
/// <param name="Name">Unique among all hosts of the lab.</param>
/// <param name="Node">The node it is behind; null for a machine outside.</param>
public sealed record WorkloadSpec(string Name, string? Node)
{
    /// <summary>Its addresses, routed as single addresses; none: one of each family is chosen.</summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>What it serves from the start, on each of its addresses.</summary>
    public ImmutableArray<Service> Services { get; init; } = [];

    /// <summary>The name of the node's end of the pair, 15 characters at most; null: <c>vw1</c>, <c>vw2</c>, … in the order of the spec.</summary>
    public string? NodeInterface { get; init; }
}

/// <summary>A port that a workload answers on.</summary>
public readonly record struct Service(ProbeProtocol Protocol, int Port)
{
    public static Service Tcp(int port) => new(ProbeProtocol.Tcp, port);

    public static Service Udp(int port) => new(ProbeProtocol.Udp, port);

    public static Service Sctp(int port) => new(ProbeProtocol.Sctp, port);
}
