using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Upgrades;

/// <summary>What the node of the recorded layouts was told: never to be changed, the recordings are of this state.</summary>
internal static class UpgradedNode
{
    public static readonly RenderOptions Options = new() { WorkloadInterfaces = ["vw+"] };

    public static readonly NodeState State = NodeState.Empty with
    {
        NodeAddresses = [Address.Parse("10.0.0.1")],
        Bindings =
        [
            .. Enumerable.Range(1, 6).Select(n => new Binding(
                $"shop/web-{n}", [Address.Parse($"10.1.7.{n}"), Address.Parse($"fd00::7:{n}")], $"vw{n}", "web")),
            new Binding("shop/db", [Address.Parse("10.1.7.20")], "vw20", "db"),
            new Binding("shop/lost", [Address.Parse("10.1.7.30")], null, "db"),
        ],
        Profiles = ImmutableDictionary<string, Profile>.Empty
            .Add("web", Profile.Open with
            {
                Policies =
                [
                    new PolicyInForce(Direction.Ingress, Tier.Admin, 5, "policies/quarantine", "quarantine", false),
                    .. Enumerable.Range(0, 12).Select(n => new PolicyInForce(Direction.Ingress, Tier.Tenant, 0, $"tenants/shop/policies/p{n}", $"p{n}", false)),
                ],
            })
            .Add("db", Profile.Open with
            {
                Policies =
                [
                    new PolicyInForce(Direction.Ingress, Tier.Tenant, 0, "tenants/shop/policies/db", "db", false),
                    new PolicyInForce(Direction.Egress, Tier.Tenant, 0, "tenants/shop/policies/db", "db", false),
                ],
            }),
        Rules = ImmutableDictionary<string, PolicyRules>.Empty
            .Add("quarantine", Ingress("policies/quarantine", RuleAction.Deny, new Match([new Peer.Group("bad")], [])))
            .Add("db", Ingress("tenants/shop/policies/db", RuleAction.Allow, new Match([new Peer.Group("web")], [Tcp(5432)])))
            .AddRange(Enumerable.Range(0, 12).Select(n => KeyValuePair.Create($"p{n}", Ingress(
                $"tenants/shop/policies/p{n}", RuleAction.Allow, new Match([Clients(n)], [Tcp(8000 + n)]))))),
        Groups = ImmutableDictionary<string, Group>.Empty
            .Add("bad", Group.Of(Member("10.9.0.66/32"), Member("10.9.1.0/24")))
            .Add("web", Group.Of(Enumerable.Range(1, 6).Select(n => Member(string.Create(CultureInfo.InvariantCulture, $"10.1.7.{n}/32"))))),
    };

    /// <summary>Packets of every kind that the state tells apart.</summary>
    public static ImmutableArray<Packet> Packets =>
    [
        .. from source in new[] { "10.9.0.66", "10.9.1.7", "10.20.3.4", "10.20.3.128", "10.30.0.1", "10.1.7.1", "10.1.7.20" }
           from destination in new[] { ("10.1.7.2", "vw2"), ("10.1.7.20", "vw20"), ("10.1.7.30", "vw30"), ("10.1.7.99", "vw99"), ("10.2.0.1", "eth0") }
           from port in new[] { 80, 5432, 8000, 8003, 8011 }
           select new Packet(Address.Parse(source), Address.Parse(destination.Item1), IpProtocol.Tcp, port, Link(source), destination.Item2),
    ];

    private static string Link(string source) => source switch { "10.1.7.1" => "vw1", "10.1.7.20" => "vw20", _ => "eth0" };

    private static Peer.Block Clients(int n) => n % 3 == 0
        ? new Peer.Block(Cidr.Parse("10.20.0.0/16"), [Cidr.Parse("10.20.3.128/25")])
        : new Peer.Block(Cidr.Parse($"10.{20 + n}.0.0/16"), []);

    private static PolicyRules Ingress(string policy, RuleAction action, Match match) =>
        new(policy, [new Rule("in", action, [match])], [], false);

    private static Service Tcp(int port) => Service.Of(IpProtocol.Tcp, PortRange.Single((ushort)port));

    private static SetMember Member(string block) => new(Cidr.Parse(block));
}
