using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Testing.Worlds;

/// <summary>The few names, labels and addresses that random worlds are made of: few, so that selectors, blocks and ports hit often.</summary>
public static class Vocabulary
{
    public static readonly ImmutableArray<TenantName> Tenants = [new("red"), new("green"), new("blue")];

    public static readonly ImmutableArray<SegmentName> Segments = [new("web"), new("app"), new("db")];

    public static readonly ImmutableArray<string> Endpoints = ["a", "b", "c", "d"];

    public static readonly ImmutableArray<NodeName> Nodes = [new("n1"), new("n2"), new("n3")];

    public static readonly ImmutableArray<NetworkSetName> NetworkSets = [new("offices"), new("partners")];

    public static readonly ImmutableArray<string> TenantPolicies = ["p1", "p2", "p3"];

    public static readonly ImmutableArray<string> OperatorPolicies = ["op1", "op2", "op3", "op4", "op5"];

    public static readonly ImmutableArray<string> PortNames = ["http", "dns", "admin"];

    public static readonly ImmutableArray<ushort> Ports = [53, 80, 81, 443, 8080];

    /// <summary>What endpoints may have; smaller than the blocks of <see cref="Blocks"/> are wide, so that cuts fall between them.</summary>
    public static readonly ImmutableArray<Address> EndpointsV4 =
        [.. Enumerable.Range(1, 12).Select(i => Address.Parse($"10.0.0.{i}")), Address.Parse("10.0.1.1"), Address.Parse("10.0.1.200")];

    public static readonly ImmutableArray<Address> EndpointsV6 =
        [.. Enumerable.Range(1, 12).Select(i => Address.Parse($"fd00::{i:x}")), Address.Parse("fd00:0:0:1::1")];

    public static readonly ImmutableArray<Cidr> Blocks =
    [
        Cidr.Parse("0.0.0.0/0"), Cidr.Parse("10.0.0.0/8"), Cidr.Parse("10.0.0.0/23"), Cidr.Parse("10.0.0.0/24"), Cidr.Parse("10.0.0.0/29"),
        Cidr.Parse("10.0.0.8/30"), Cidr.Parse("10.0.0.3/32"), Cidr.Parse("10.0.1.128/25"), Cidr.Parse("192.168.0.0/24"),
        Cidr.Parse("203.0.113.0/24"), Cidr.Parse("203.0.113.64/26"),
        Cidr.Parse("::/0"), Cidr.Parse("fd00::/16"), Cidr.Parse("fd00::/64"), Cidr.Parse("fd00::/125"), Cidr.Parse("fd00::8/126"),
        Cidr.Parse("fd00::3/128"), Cidr.Parse("2001:db8::/32"), Cidr.Parse("2001:db8:8000::/33"),
    ];

    /// <summary>Node n{i} has 192.168.0.{i} and fd00:ffff::{i}, or one of them.</summary>
    public static ImmutableArray<Address> AddressesOf(NodeName node)
    {
        var number = Nodes.IndexOf(node) + 1;
        return [Address.Parse($"192.168.0.{number}"), Address.Parse($"fd00:ffff::{number:x}")];
    }
}
