using System.Collections.Immutable;
using System.Net;

namespace Vallum.Lab;

/// <summary>
/// The hosts of a lab and their addresses. Nodes, outsiders and the fabric's bridge share 172.30.0.0/24 and fd00:30::/64; the nodes'
/// management interfaces and the control host share 172.31.0.0/24 and fd00:31::/64 on a bridge of their own, so that an agent can lose
/// its control plane without the workloads losing each other.
/// </summary>
internal sealed class NetworkPlan
{
    private NetworkPlan(string fabric, ImmutableArray<HostPlan> hosts)
    {
        Fabric = fabric;
        Hosts = hosts;
    }

    /// <summary>The namespace of the two bridges.</summary>
    public string Fabric { get; }

    public ImmutableArray<HostPlan> Hosts { get; }

    public IEnumerable<HostPlan> Nodes => Hosts.Where(host => host.Kind == HostKind.Node);

    public IEnumerable<HostPlan> Workloads => Hosts.Where(host => host.Kind == HostKind.Workload);

    public IEnumerable<HostPlan> Outsiders => Hosts.Where(host => host.Kind == HostKind.Outsider);

    public HostPlan Control => Hosts.Single(host => host.Kind == HostKind.Control);

    public HostPlan NodeOf(HostPlan workload) => Nodes.Single(node => node.Name == workload.Node);

    /// <exception cref="ArgumentException">A name twice, an unknown node, an address twice, an interface name that is too long.</exception>
    public static NetworkPlan From(LabSpec spec, string prefix)
    {
        var hosts = ImmutableArray.CreateBuilder<HostPlan>();
        hosts.Add(new HostPlan("control", HostKind.Control, $"{prefix}control", [Parse("172.31.0.1"), Parse("fd00:31::1")], null, null, 0));
        foreach (var (index, node) in spec.Nodes.Index())
        {
            hosts.Add(new HostPlan(
                node.Name, HostKind.Node, $"{prefix}n-{node.Name}", [Parse($"172.30.0.{10 + index}"), Parse($"fd00:30::{10 + index}")],
                null, null, index));
        }
        foreach (var (index, workload) in spec.Workloads.Where(workload => workload.Node is not null).Index())
        {
            var node = spec.Nodes.Index().Where(node => node.Item.Name == workload.Node).Select(node => node.Index + 1).SingleOrDefault();
            if (node == 0)
            {
                throw new ArgumentException($"workload {workload.Name} names the node {workload.Node}, which is not there", nameof(spec));
            }
            var addresses = Chosen(workload, $"10.{100 + node}.0.{10 + index}", $"fd00:{100 + node}::{10 + index}");
            hosts.Add(new HostPlan(
                workload.Name, HostKind.Workload, $"{prefix}w-{workload.Name}", addresses, workload.Node,
                workload.NodeInterface ?? $"vw{index + 1}", index));
        }
        foreach (var (index, outsider) in spec.Workloads.Where(workload => workload.Node is null).Index())
        {
            var addresses = Chosen(outsider, $"192.0.2.{10 + index}", $"2001:db8::{10 + index}");
            hosts.Add(new HostPlan(outsider.Name, HostKind.Outsider, $"{prefix}o-{outsider.Name}", addresses, null, null, index));
        }
        Judge(hosts, nameof(spec));
        return new NetworkPlan($"{prefix}fabric", hosts.ToImmutable());
    }

    private static void Judge(IReadOnlyCollection<HostPlan> hosts, string parameter)
    {
        List<string> faults =
        [
            .. hosts.CountBy(host => host.Name).Where(name => name.Value > 1).Select(name => $"the name {name.Key} is given twice"),
            .. hosts.SelectMany(host => host.Addresses).CountBy(address => address).Where(address => address.Value > 1)
                .Select(address => $"the address {address.Key} is given twice"),
            // IFNAMSIZ of linux/if.h is 16 with the closing zero.
            .. hosts.Where(host => host.NodeInterface?.Length > 15).Select(host => $"the interface name {host.NodeInterface} is too long"),
        ];
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", faults), parameter);
        }
    }

    private static ImmutableArray<IPAddress> Chosen(WorkloadSpec workload, string v4, string v6) =>
        workload.Addresses.IsDefaultOrEmpty ? [Parse(v4), Parse(v6)] : workload.Addresses;

    private static IPAddress Parse(string text) => IPAddress.Parse(text);
}
