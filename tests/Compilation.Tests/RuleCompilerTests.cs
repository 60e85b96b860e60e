using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;
using Vallum.Testing.Worlds;

namespace Vallum.Compilation.Tests;

/// <summary>Rules as a node gets them.</summary>
public sealed class RuleCompilerTests
{
    private static readonly TenantName Shop = new("shop");

    [Fact]
    public void An_endpoints_peer_becomes_a_group_of_the_tenant_that_it_is_seen_from()
    {
        var rules = Compile(Given.Policy("shop/p", ingress: [Given.Allow([Given.Endpoints("app=web")], "tcp/80")]));

        var definition = rules.Groups.ShouldHaveSingleItem();
        definition.ToString().ShouldBe("endpoints named(shop) []{app in (web)}");
        rules.Ingress.ShouldHaveSingleItem().Matches.ShouldBe(
            [new CompiledMatch([new CompiledPeer.Group(definition.Id)], [Given.Service("tcp/80")])]);
    }

    [Fact]
    public void Equal_selectors_of_two_policies_are_one_group()
    {
        var first = Compile(Given.Policy("shop/p", ingress: [Given.Allow([Given.Endpoints("app=web,env=prod")])]));
        var second = Compile(Given.Policy("shop/q", egress: [Given.Allow([Given.Endpoints("env=prod,app=web")], "udp/53")]));

        first.Groups.ShouldBe(second.Groups);
    }

    [Fact]
    public void Peers_that_are_addresses_are_sent_as_they_are()
    {
        Peer[] peers =
            [Given.Any, Given.Block("10.0.0.0/8", "10.1.0.0/16"), Peer.LocalNode.Instance, new Peer.Set(new NetworkSetName("offices"))];

        var rules = Compile(Given.Policy("shop/p", egress: [Given.Allow(peers)]));

        rules.Groups.Select(g => g.ToString()).ShouldBe(["networkSet offices"]);
        rules.Egress[0].Matches.ShouldHaveSingleItem().Peers.ShouldBe(
        [
            CompiledPeer.Any.Instance,
            new CompiledPeer.Block(Cidr.Parse("10.0.0.0/8"), [Cidr.Parse("10.1.0.0/16")]),
            CompiledPeer.LocalNode.Instance,
            new CompiledPeer.Group(rules.Groups[0].Id),
        ]);
    }

    [Fact]
    public void A_named_port_of_an_ingress_rule_stays_a_name_for_the_profile_to_resolve()
    {
        var rules = Compile(Given.Policy("shop/p", ingress: [Given.Allow([Given.Endpoints("app=web")], "tcp/http tcp/443")]));

        rules.Ingress[0].Matches.ShouldHaveSingleItem().Services.ShouldBe([Given.Service("tcp/http"), Given.Service("tcp/443")]);
    }

    [Fact]
    public void A_named_port_of_an_egress_rule_is_a_group_of_the_peers_own_ports_beside_the_numbers()
    {
        var rules = Compile(Given.Policy("shop/p", egress: [Given.Allow([Given.Endpoints("app=db")], "tcp/sql tcp/443")]));

        var byText = rules.Groups.ToDictionary(g => g.ToString(), g => g.Id);
        byText.Keys.Order().ShouldBe(["endpoints named(shop) []{app in (db)}", "endpoints named(shop) []{app in (db)} port tcp/sql"]);
        rules.Egress[0].Matches.ShouldBe(
        [
            new CompiledMatch([new CompiledPeer.Group(byText["endpoints named(shop) []{app in (db)}"])], [Given.Service("tcp/443")]),
            new CompiledMatch([], [], byText["endpoints named(shop) []{app in (db)} port tcp/sql"]),
        ]);
    }

    [Fact]
    public void A_named_port_towards_addresses_is_that_of_whoever_has_such_an_address()
    {
        var rule = Given.Allow([Given.Endpoints("app=db"), Given.Block("10.0.0.0/8")], "tcp/sql");

        var rules = Compile(Given.Policy("shop/p", egress: [rule]));

        var byText = rules.Groups.ToDictionary(g => g.ToString(), g => g.Id);
        rules.Egress[0].Matches.ShouldBe(
        [
            new CompiledMatch([], [], byText["endpoints named(shop) []{app in (db)} port tcp/sql"]),
            new CompiledMatch([new CompiledPeer.Block(Cidr.Parse("10.0.0.0/8"), [])], [], byText["endpoints matching() []{} port tcp/sql"]),
        ]);
        byText.Count.ShouldBe(2, "the plain group of app=db is named by no match");
    }

    [Fact]
    public void A_direction_that_the_policy_does_not_have_is_left_out_with_its_groups()
    {
        var change = (ClusterChange.PutPolicy)Given.Policy("shop/p", ingress: [], egress: [Given.Allow([Given.Endpoints("app=db")])]);

        var rules = RuleCompiler.Compile(change.Policy with { Directions = [Direction.Ingress] }, Shop);

        rules.Egress.ShouldBeEmpty();
        rules.Groups.ShouldBeEmpty();
    }

    [Fact]
    public void Operators_rules_are_shared_by_all_tenants_unless_their_peers_are_seen_from_the_tenant()
    {
        var everyone = Given.Of(new TenantScope.Matching(Selector.All), "app=dns");
        var shared = Given.Operator("dns", Tier.Admin, 1, egress: [Given.Allow([Given.Endpoints(everyone)])]);
        var seen = Given.Operator("own", Tier.Admin, 1, egress: [Given.Deny([Given.Endpoints(Given.Of(TenantScope.Other.Instance))])]);

        RuleCompiler.IdOf(((ClusterChange.PutPolicy)shared).Policy, Shop).Value.ShouldBe("policies/dns");
        RuleCompiler.IdOf(((ClusterChange.PutPolicy)seen).Policy, Shop).Value.ShouldBe("policies/own@shop");
        Compile(seen).Groups.ShouldHaveSingleItem().ToString().ShouldBe("endpoints allBut(shop) []{}");
    }

    private static ResourceHead.PolicyRules Compile(ClusterChange change) =>
        RuleCompiler.Compile(((ClusterChange.PutPolicy)change).Policy, Shop);
}
