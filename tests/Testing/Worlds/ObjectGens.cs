using System.Collections.Immutable;
using CsCheck;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Testing.Worlds;

/// <summary>Everything but policies.</summary>
public static class ObjectGens
{
    public static readonly Gen<NodeName> NodeNames = Gen.OneOf([.. Vocabulary.Nodes]);

    public static readonly Gen<NetworkSetName> NetworkSetNames = Gen.OneOf([.. Vocabulary.NetworkSets]);

    public static readonly Gen<EndpointId> EndpointIds =
        Gen.Select(SelectorGens.Tenants, Gen.OneOf([.. Vocabulary.Endpoints]), (tenant, name) => new EndpointId(tenant, name));

    public static readonly Gen<Tenant> Tenants = Gen.Select(
        SelectorGens.Tenants, SelectorGens.Labels, Postures(), Postures(), (name, labels, ingress, egress) => new Tenant(name, labels, ingress, egress));

    public static readonly Gen<Segment> Segments = Gen.Select(
        SelectorGens.Tenants,
        SelectorGens.Segments,
        Gen.Frequency((1, Gen.Const((Selector?)null)), (1, SelectorGens.Selectors.Select(s => (Selector?)s))),
        (tenant, name, picks) => new Segment(tenant, name, picks));

    public static readonly Gen<Node> Nodes = Gen.Select(
        NodeNames,
        SelectorGens.Labels,
        Gen.Int[1, 6],
        (name, labels, addresses) => new Node(name, labels, AddressesOf(name, addresses)));

    public static readonly Gen<NetworkSet> NetworkSets = Gen.Select(
        NetworkSetNames,
        Gen.OneOf([.. Vocabulary.Blocks]).Array[0, 3],
        (name, blocks) => new NetworkSet(name, [.. blocks.Distinct().Order()]));

    /// <summary>Sorted; a (name, protocol) at most once. The numbers differ between endpoints.</summary>
    public static readonly Gen<ImmutableArray<NamedPort>> NamedPorts = Gen.Select(
        Gen.OneOf([.. Vocabulary.PortNames]),
        Gen.OneOf(IpProtocol.Tcp, IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp),
        Gen.OneOf([.. Vocabulary.Ports]),
        (name, protocol, port) => new NamedPort(name, protocol, port)).Array[0, 3]
        .Select(ports => ports.DistinctBy(p => (p.Name, p.Protocol)).Order().ToImmutableArray());

    /// <summary>
    /// One in eight is hostNetwork and has its node's addresses; one in twelve is not placed: nothing enforces it, and groups know it.
    /// </summary>
    public static readonly Gen<Endpoint> Endpoints =
        from id in EndpointIds
        from segment in SelectorGens.Segments
        from node in Gen.Frequency((1, Gen.Const((NodeName?)null)), (11, NodeNames.Select(n => (NodeName?)n)))
        from host in Gen.Frequency((7, Gen.Const(false)), (1, Gen.Const(true)))
        from v4 in Gen.OneOf([.. Vocabulary.EndpointsV4]).Array[1, 2]
        from only in Gen.Int[1, 10]
        from v6 in Gen.OneOf([.. Vocabulary.EndpointsV6]).Array[0, 1]
        from labels in SelectorGens.Labels
        from ports in NamedPorts
        // One in ten has no IPv4 address, and every second of these no address at all.
        let hostNetwork = host && node is not null
        let addresses = hostNetwork ? Vocabulary.AddressesOf(node.Value) : [.. v4.Where(_ => only > 1).Concat(v6).Distinct().Order()]
        select new Endpoint(id, segment, node, addresses, hostNetwork ? null : $"veth-{id.Tenant}-{id.Name}", labels, ports, hostNetwork);

    private static Gen<Posture> Postures() => Gen.Frequency((3, Gen.Const(Posture.Allow)), (1, Gen.Const(Posture.Deny)));

    /// <summary>Of every six nodes one has IPv4 only and one IPv6 only.</summary>
    private static ImmutableArray<Address> AddressesOf(NodeName node, int die)
    {
        var addresses = Vocabulary.AddressesOf(node);
        return die switch
        {
            1 => [.. addresses.Where(a => a.Family == IpFamily.V4)],
            2 => [.. addresses.Where(a => a.Family == IpFamily.V6)],
            _ => addresses,
        };
    }
}
