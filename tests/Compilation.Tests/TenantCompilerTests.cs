using System.Collections.Immutable;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;

namespace Vallum.Compilation.Tests;

/// <summary>Small histories of one tenant, and what its nodes hear of them.</summary>
public sealed class TenantCompilerTests
{
    private static readonly EndpointPart Web = new(new EndpointQuery(Given.Selector("app=web")));

    private readonly CompiledTenant _tenant = new(new TenantName("shop"));

    [Fact]
    public void A_first_endpoint_brings_its_binding_and_its_profile()
    {
        Tell(Given.Endpoint("shop/a", "10.0.0.1 fd00::1", "app=web", node: "n1", ports: "http=tcp/8080"));

        var bound = Entries(ResourceKind.Binding, "n1").ShouldHaveSingleItem().ShouldBeOfType<ResourceEntry.BoundEndpoint>();
        bound.Addresses.ShouldBe([Address.Parse("10.0.0.1"), Address.Parse("fd00::1")]);
        var profile = Held(ResourceKind.Profile, bound.Profile.Value);
        profile.Head.ShouldBe(new ResourceHead.Profile([new NamedPort("http", IpProtocol.Tcp, 8080)], Posture.Allow, Posture.Allow));
        profile.Entries.ShouldBeEmpty();
    }

    [Fact]
    public void Endpoints_that_look_alike_share_a_profile_wherever_they_are()
    {
        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=web", node: "n1"), Given.Endpoint("shop/b", "10.0.0.2", "app=web", node: "n2"));

        ProfileOf("n1").ShouldBe(ProfileOf("n2"));
    }

    [Fact]
    public void A_profile_does_not_change_its_name_when_policies_do()
    {
        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=web", node: "n1"));
        var before = ProfileOf("n1");

        var deltas = Tell(Given.Policy("shop/p", ingress: []));

        ProfileOf("n1").ShouldBe(before);
        deltas.ShouldNotContain(d => d.Key.Kind == ResourceKind.Binding);
        var rules = new PolicyRulesId("tenants/shop/policies/p");
        Entries(ResourceKind.Profile, before.Value)
            .ShouldBe([new ResourceEntry.PolicyInForce(Direction.Ingress, Tier.Tenant, 0, Id("p"), rules, Staged: false)]);
    }

    [Theory]
    [InlineData(null, "10.0.0.1", false)]
    [InlineData("n1", "", false)]
    [InlineData("n1", "10.0.0.1", true)]
    public void An_endpoint_without_node_or_address_or_of_the_host_is_not_bound(string? node, string addresses, bool hostNetwork)
    {
        Tell(Given.Endpoint("shop/a", addresses, "app=web", node: node, hostNetwork: hostNetwork));

        _tenant.Held.ShouldBeEmpty();
        _tenant.Compiler.EndpointCount.ShouldBe(1);
    }

    [Fact]
    public void Groups_know_endpoints_that_are_not_placed_and_not_those_of_the_host()
    {
        _tenant.Apply(new TenantInput.WantPart(Web));
        Tell(
            Given.Endpoint("shop/unplaced", "10.0.0.1", "app=web", node: null),
            Given.Endpoint("shop/host", "192.168.0.1", "app=web", node: "n1", hostNetwork: true));

        Members(Web).ShouldBe(["10.0.0.1/32"]);
    }

    [Fact]
    public void A_part_with_a_port_holds_the_number_that_each_endpoint_gives_to_the_name()
    {
        var part = Web with { Port = new PortName("http", IpProtocol.Tcp) };
        _tenant.Apply(new TenantInput.WantPart(part));
        Tell(
            Given.Endpoint("shop/a", "10.0.0.1", "app=web", ports: "http=tcp/80"),
            Given.Endpoint("shop/b", "10.0.0.2", "app=web", ports: "http=tcp/8080 http=udp/80"),
            Given.Endpoint("shop/c", "10.0.0.3", "app=web"));

        Members(part).ShouldBe(["10.0.0.1/32,tcp:80", "10.0.0.2/32,tcp:8080"]);
    }

    [Fact]
    public void A_policy_that_selects_nothing_makes_no_rules_and_no_parts_until_it_does()
    {
        Tell(Given.Policy("shop/p", "app=db", ingress: [Given.Allow([Given.Endpoints("app=web")])])).ShouldBeEmpty();

        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=db"));
        Kinds().ShouldBe([ResourceKind.Binding, ResourceKind.Profile, ResourceKind.PolicyRules, ResourceKind.GroupPart]);

        Tell(new ClusterChange.RemoveEndpoint(Given.Id("shop/a")));
        _tenant.Held.ShouldBeEmpty();
    }

    [Fact]
    public void A_part_goes_when_the_last_policy_that_names_it_goes_unless_it_is_wanted()
    {
        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=web"), Given.Policy("shop/p", ingress: [Given.Allow([Given.Endpoints("app=web")])]));
        _tenant.Apply(new TenantInput.WantPart(Web));

        Tell(new ClusterChange.RemovePolicy(Id("p")));
        Members(Web).ShouldBe(["10.0.0.1/32"]);

        _tenant.Apply(new TenantInput.UnwantPart(Web.Id));
        Kinds().ShouldBe([ResourceKind.Binding, ResourceKind.Profile]);
    }

    [Fact]
    public void Parts_are_made_only_for_groups_that_look_into_the_tenant()
    {
        Tell(
            Given.Endpoint("shop/a", "10.0.0.1", "app=web"),
            Given.Policy("shop/p", ingress: [Given.Allow([Given.Endpoints(Given.Of(TenantScope.Other.Instance, "app=web"))])]));

        Kinds().ShouldBe([ResourceKind.Binding, ResourceKind.Profile, ResourceKind.PolicyRules]);
    }

    [Fact]
    public void A_tenant_that_is_relabelled_comes_under_operators_policies_and_into_groups_that_look_at_its_labels()
    {
        var gold = new TenantScope.Matching(Given.Selector("plan=gold"));
        var rule = Given.Allow([Given.Endpoints(Given.Of(gold, "app=web"))]);
        Tell(
            Given.Endpoint("shop/a", "10.0.0.1", "app=web"),
            Given.Put(new PolicyId(null, "gold"), Tier.Admin, 1, [Given.Of(gold)], ingress: [rule], egress: null));
        Kinds().ShouldBe([ResourceKind.Binding, ResourceKind.Profile]);

        Tell(Given.Tenant("shop", "plan=gold"));
        Kinds().ShouldBe([ResourceKind.Binding, ResourceKind.Profile, ResourceKind.PolicyRules, ResourceKind.GroupPart]);

        Tell(Given.Tenant("shop", "plan=basic"));
        Kinds().ShouldBe([ResourceKind.Binding, ResourceKind.Profile]);
    }

    [Fact]
    public void Another_default_posture_is_another_head_of_each_profile_and_nothing_else()
    {
        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=web"), Given.Endpoint("shop/b", "10.0.0.2", "app=db"));

        var deltas = Tell(Given.Tenant("shop", ingress: Posture.Deny));

        deltas.Length.ShouldBe(2);
        deltas.ShouldAllBe(d => ((ResourceHead.Profile)d.Head!).DefaultIngress == Posture.Deny && d.Added.IsEmpty && d.Removed.IsEmpty);
    }

    [Fact]
    public void A_segment_that_picks_by_labels_moves_endpoints_into_it()
    {
        var part = new EndpointPart(new EndpointQuery(Selector.All, [new SegmentName("front")]));
        _tenant.Apply(new TenantInput.WantPart(part));
        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=web"), Given.Endpoint("shop/b", "10.0.0.2", "app=db", segment: "front"));
        Members(part).ShouldBe(["10.0.0.2/32"]);

        Tell(Given.Segment("shop", "front", Given.Selector("app=web")));
        Members(part).ShouldBe(["10.0.0.1/32", "10.0.0.2/32"]);

        Tell(new ClusterChange.RemoveSegment(_tenant.Name, new SegmentName("front")));
        Members(part).ShouldBe(["10.0.0.2/32"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_address_that_changes_hands_within_a_batch_moves_no_member_whichever_comes_first(bool takenFirst)
    {
        _tenant.Apply(new TenantInput.WantPart(Web));
        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=web", node: "n1"));
        var release = new ClusterChange.RemoveEndpoint(Given.Id("shop/a"));
        var take = Given.Endpoint("shop/b", "10.0.0.1", "app=web", node: "n2");

        var deltas = takenFirst ? Tell(take, release) : Tell(release, take);

        deltas.ShouldNotContain(d => d.Key.Kind == ResourceKind.GroupPart);
        Members(Web).ShouldBe(["10.0.0.1/32"]);
    }

    [Fact]
    public void An_address_that_two_endpoints_have_between_batches_stays_until_both_let_go()
    {
        _tenant.Apply(new TenantInput.WantPart(Web));
        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=web"));
        Tell(Given.Endpoint("shop/b", "10.0.0.1", "app=web"));

        Tell(new ClusterChange.RemoveEndpoint(Given.Id("shop/a")));
        Members(Web).ShouldBe(["10.0.0.1/32"]);

        Tell(new ClusterChange.RemoveEndpoint(Given.Id("shop/b")));
        Members(Web).ShouldBeEmpty();
    }

    [Fact]
    public void A_policy_made_again_with_other_rules_within_a_batch_is_another_head_only()
    {
        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=web"), Given.Policy("shop/p", ingress: [Given.Allow(services: "tcp/80")]));

        var deltas = Tell(new ClusterChange.RemovePolicy(Id("p")), Given.Policy("shop/p", ingress: [Given.Allow(services: "tcp/81")]));

        var delta = deltas.ShouldHaveSingleItem();
        delta.Key.Kind.ShouldBe(ResourceKind.PolicyRules);
        delta.Gone.ShouldBeFalse();
    }

    [Fact]
    public void Status_asks_which_nodes_profiles_and_policies_concern_each_other()
    {
        Tell(
            Given.Endpoint("shop/a", "10.0.0.1", "app=web", node: "n1"),
            Given.Endpoint("shop/b", "10.0.0.2", "app=web", node: "n2"),
            Given.Endpoint("shop/c", "10.0.0.3", "app=db", node: "n3"),
            Given.Endpoint("shop/d", "10.0.0.4", "app=web", node: null),
            Given.Policy("shop/p", "app=web", ingress: []),
            Given.Operator("op", Tier.Admin, 1, ingress: []));

        _tenant.Compiler.SpanOf(Id("p")).ShouldBe([new NodeName("n1"), new NodeName("n2")], ignoreOrder: true);
        _tenant.Compiler.ProfilesOf(Id("p")).ShouldBe([ProfileOf("n1")]);
        _tenant.Compiler.SpanOf(Id("unknown")).ShouldBeEmpty();
        _tenant.Compiler.Nodes.Order().ShouldBe([new NodeName("n1"), new NodeName("n2"), new NodeName("n3")]);
        _tenant.Compiler.EndpointCount.ShouldBe(4);
        _tenant.Compiler.PoliciesOf("d").ShouldBe([new PolicyId(null, "op"), Id("p")]);
        _tenant.Compiler.PoliciesOf("c").ShouldBe([new PolicyId(null, "op")]);
    }

    [Fact]
    public void One_resource_can_be_asked_for_by_its_key()
    {
        Tell(Given.Endpoint("shop/a", "10.0.0.1", "app=web"), Given.Policy("shop/p", ingress: [Given.Allow([Given.Endpoints("app=web")])]));

        foreach (var whole in _tenant.Compiler.Snapshot())
        {
            Resource.Apply(null, _tenant.Compiler.Find(whole.Key)!)!.Entries.SetEquals(whole.Added).ShouldBeTrue();
        }

        _tenant.Compiler.Find(new ResourceKey(ResourceKind.Binding, "elsewhere")).ShouldBeNull();
    }

    [Fact]
    public void What_belongs_to_another_tenant_is_refused_and_nothing_is_taken_in()
    {
        var inputs = new[] { Given.Endpoint("shop/a", "10.0.0.1"), Given.Endpoint("bank/a", "10.0.0.2") }.Select(Input);

        Should.Throw<ArgumentException>(() => _tenant.Compiler.Apply(inputs)).Message.ShouldContain("tenant shop");

        _tenant.Compiler.EndpointCount.ShouldBe(0);
    }

    private static PolicyId Id(string policy) => new(new TenantName("shop"), policy);

    private static TenantInput Input(ClusterChange change) =>
        TenantInputs.Of(change, ClusterState.Empty, [new TenantName("shop")]).Single().Input;

    private ResourceDelta[] Tell(params ClusterChange[] changes) => [.. _tenant.Apply([.. changes.Select(Input)])];

    private Resource Held(ResourceKind kind, string name) => _tenant.Held[new ResourceKey(kind, name)];

    private ImmutableHashSet<ResourceEntry> Entries(ResourceKind kind, string name) => Held(kind, name).Entries;

    private IEnumerable<ResourceKind> Kinds() => _tenant.Held.Keys.Select(k => k.Kind).Order();

    private ProfileId ProfileOf(string node) => Entries(ResourceKind.Binding, node).Cast<ResourceEntry.BoundEndpoint>().Single().Profile;

    private IEnumerable<string> Members(EndpointPart part) =>
        Entries(ResourceKind.GroupPart, part.Id.Value).Cast<ResourceEntry.Member>().Select(m => m.Value.ToString()).Order(StringComparer.Ordinal);
}
