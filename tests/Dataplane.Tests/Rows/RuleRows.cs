using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Rows;

/// <summary>A rule on one side, the text of its chain on the other.</summary>
public sealed class RuleRows
{
    private const string Drop = "-g VALLUM-DENY";

    private static readonly Peer Group = new Peer.Group("g");

    private static readonly PortRange Http = PortRange.Single(80);

    [Fact]
    public void A_group_and_a_port() => Ingress(Allow(Group, Service.Of(IpProtocol.Tcp, Http)))
        .ShouldBe([$"-p tcp -m tcp --dport 80 -m set --match-set {Set("g", "g")} src -j RETURN", Drop]);

    [Fact]
    public void A_few_blocks_are_rules_and_many_are_one_set()
    {
        Ingress(Allow([Block("10.0.0.0/8"), Block("fd00::/8")], [])).ShouldBe(["-s 10.0.0.0/8 -j RETURN", Drop]);
        Ingress(Allow([.. Enumerable.Range(1, 5).Select(n => Block($"10.{n}.0.0/16"))], [])).Length.ShouldBe(2);
    }

    [Fact]
    public void An_exception_cuts_only_its_own_block()
    {
        var (chain, kernel) = Render(Allow([new Peer.Block(Cidr.Parse("10.0.0.0/8"), [Cidr.Parse("10.1.0.0/16")]), Block("10.1.2.0/24")], []));
        chain.Length.ShouldBe(3);
        chain[0].ShouldBe("-s 10.1.2.0/24 -j RETURN");
        kernel.Sets.Values.Single(s => s.Name.StartsWith("vallum4-b", StringComparison.Ordinal)).Members.Order().Select(m => m.ToString())
            .ShouldBe(["10.0.0.0/8", "10.1.0.0/16 nomatch"]);
    }

    [Fact]
    public void Everything_is_a_rule_without_a_set_and_with_an_exception_two_halves()
    {
        Ingress(Allow(Block("0.0.0.0/0"))).ShouldBe(["-j RETURN", Drop]);
        var (_, kernel) = Render(Allow([new Peer.Block(Cidr.Parse("0.0.0.0/0"), [Cidr.Parse("10.0.0.0/8")])], []));
        kernel.Sets.Values.Single(s => s.Name.StartsWith("vallum4-b", StringComparison.Ordinal)).Members.Order().Select(m => m.ToString())
            .ShouldBe(["0.0.0.0/1", "10.0.0.0/8 nomatch", "128.0.0.0/1"]);
    }

    [Fact]
    public void Ports_that_touch_are_one_range_and_more_than_fifteen_slots_are_two_rules()
    {
        Ingress(Allow(Group, Service.Of(IpProtocol.Sctp, new PortRange(80, 81), PortRange.Single(82))))[0].ShouldStartWith("-p sctp -m sctp --dport 80:82 ");
        var many = Enumerable.Range(0, 16).Select(n => PortRange.Single(100 + (2 * n))).ToArray();
        Ingress(Allow(Group, Service.Of(IpProtocol.Udp, many))).Length.ShouldBe(3);
        Ingress(Allow(Group, Service.Of(IpProtocol.Tcp, new PortRange(0, 65535))))[0].ShouldStartWith("-p tcp -m set ");
    }

    [Fact]
    public void Icmp_has_types_and_another_protocol_its_number()
    {
        Ingress(Allow([Peer.Any.Instance], [new Service(IpProtocol.Icmp, [], [], 8)])).ShouldBe(["-p icmp -m icmp --icmp-type 8 -j RETURN", Drop]);
        Ingress(Allow([Peer.Any.Instance], [new Service(IpProtocol.Icmp, [], [], 3, 4)])).ShouldBe(["-p icmp -m icmp --icmp-type 3/4 -j RETURN", Drop]);
        Ingress(Allow([Peer.Any.Instance], [new Service(47, [], [])])).ShouldBe(["-p 47 -j RETURN", Drop]);
    }

    [Fact]
    public void A_named_port_that_the_profile_lacks_matches_nothing()
    {
        Ingress(Allow([Peer.Any.Instance], [new Service(IpProtocol.Tcp, [], ["web"])])).ShouldBe(["-p tcp -m tcp --dport 8080 -j RETURN", Drop]);
        Ingress(Allow([Peer.Any.Instance], [new Service(IpProtocol.Tcp, [], ["nope"])])).ShouldBe([Drop]);
        Ingress(Allow([Peer.Any.Instance], [new Service(IpProtocol.Udp, [], ["web"])])).ShouldBe([Drop]);
    }

    [Fact]
    public void Ports_of_a_group_are_asked_of_the_destination() =>
        Ingress(new Rule("r", RuleAction.Allow, [new Match([Peer.Any.Instance], [], "g")]))
            .ShouldBe([$"-m set --match-set {Set("p", "g")} dst,dst -j RETURN", Drop]);

    [Fact]
    public void A_staged_policy_counts_and_does_not_isolate() =>
        Chain([new PolicyInForce(Direction.Ingress, Tier.Tenant, 0, "p", "r", Staged: true)], Allow(Group)).Rules
            .ShouldBe([$"-m set --match-set {Set("g", "g")} src"]);

    [Fact]
    public void Tiers_stand_in_order_and_a_pass_leaves_its_tier()
    {
        var (rules, kernel) = Chain(
            [
                new PolicyInForce(Direction.Ingress, Tier.Admin, 1, "p", "r", false),
                new PolicyInForce(Direction.Ingress, Tier.Tenant, 0, "q", "s", false),
            ],
            new Rule("r", RuleAction.Pass, [new Match([Block("10.1.0.0/16")], [])]),
            new Rule("r", RuleAction.Deny, [new Match([Block("10.0.0.0/8")], [])]));
        var rest = kernel.V4.Chains.Keys.Single(c => c.StartsWith("VALLUM-QI-", StringComparison.Ordinal));
        rules.ShouldBe([$"-s 10.1.0.0/16 -g {rest}", "-s 10.0.0.0/8 -g VALLUM-DENY", $"-g {rest}"]);
        kernel.V4.Chains[rest].ShouldBe(["-s 10.9.0.0/16 -j RETURN", Drop]);
    }

    [Fact]
    public void What_is_not_known_is_read_closed()
    {
        Ingress(Allow([Peer.Unknown.Instance, Block("10.0.0.0/8")], [])).ShouldBe(["-s 10.0.0.0/8 -j RETURN", Drop]);
        Ingress(Allow([Peer.Unknown.Instance], [])).ShouldBe([Drop]);
        Chain([new PolicyInForce(Direction.Ingress, Tier.Admin, 0, "p", "r", false)], new Rule("r", RuleAction.Deny, [new Match([Peer.Unknown.Instance], [])]))
            .Rules.ShouldBe([Drop]);
        Chain([new PolicyInForce(Direction.Ingress, Tier.Unknown, 0, "p", "r", false)], Allow(Group)).Rules.ShouldBe(["-j DROP"]);
    }

    [Fact]
    public void Names_fit_the_kernel()
    {
        var (_, kernel) = Render(Allow([Group, new Peer.Block(Cidr.Parse("10.0.0.0/8"), [Cidr.Parse("10.1.0.0/16")])], []));
        kernel.V4.Chains.Keys.ShouldAllBe(c => c.Length <= KernelNames.LongestChain && KernelNames.IsOurChain(c));
        kernel.Sets.Keys.ShouldAllBe(s => s.Length <= KernelNames.LongestSet && KernelNames.IsOurSet(s));
    }

    private static string Set(string kind, string group) => KernelNames.Set(IpFamily.V4, kind, group);

    private static Peer.Block Block(string block) => new(Cidr.Parse(block), []);

    private static Rule Allow(Peer peer, params ImmutableArray<Service> services) => Allow([peer], services);

    private static Rule Allow(ImmutableArray<Peer> peers, ImmutableArray<Service> services) => new("r", RuleAction.Allow, [new Match(peers, services)]);

    private static ImmutableArray<string> Ingress(Rule rule) => Render(rule).Rules;

    private static (ImmutableArray<string> Rules, KernelState Kernel) Render(Rule rule) =>
        Chain([new PolicyInForce(Direction.Ingress, Tier.Tenant, 0, "p", "r", false)], rule);

    /// <summary>The chain that 10.1.7.10 is judged by for ingress.</summary>
    private static (ImmutableArray<string> Rules, KernelState Kernel) Chain(ImmutableArray<PolicyInForce> policies, params ImmutableArray<Rule> rules)
    {
        var state = NodeState.Empty with
        {
            Bindings = [new Binding("t/web", [Address.Parse("10.1.7.10")], null, "web")],
            Profiles = ImmutableDictionary<string, Profile>.Empty.Add("web", new Profile([new NamedPort("web", IpProtocol.Tcp, 8080)], true, true, policies)),
            Rules = ImmutableDictionary<string, PolicyRules>.Empty
                .Add("r", new PolicyRules("p", rules, [], false))
                .Add("s", new PolicyRules("q", [Allow(Block("10.9.0.0/16"))], [], false)),
            Groups = ImmutableDictionary<string, Group>.Empty.Add("g", Model.Group.Of(
                new SetMember(Cidr.Parse("10.2.0.0/16")), new SetMember(Cidr.Parse("10.2.0.1/32"), IpProtocol.Tcp, 5432))),
        };
        var kernel = Renderer.Render(state, RenderOptions.Default).Kernel;
        var leaf = kernel.V4.Chains[KernelNames.Ingress].Single(r => r.StartsWith("! -s 10.1.7.10/32 -d 10.1.7.10/32 -g ", StringComparison.Ordinal));
        return (kernel.V4.Chains[leaf.Split(' ')[^1]], kernel);
    }
}
