using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;

namespace Vallum.Compilation.Tests;

/// <summary>
/// The work for a change depends on what it touches, never on how much there is. Work is counted, in selector evaluations and in what the
/// deltas move, so that no clock has a say: the same change costs the same in a tenant of 40 endpoints and policies and in one a hundred
/// times as large.
/// </summary>
public sealed class CostLawTests
{
    /// <summary>Distinct label sets among the endpoints: app=a0 … app=a9, all of them env=prod.</summary>
    private const int Kinds = 10;

    public static readonly TheoryData<int> Sizes = [40, 4_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_policy_that_is_edited_is_one_head(int size)
    {
        var tenant = Tenant(size);

        var (deltas, evaluations) = Cost(tenant, Policy("p3", subject: "app=a3,env=prod", peer: "app=a3", services: "tcp/81"));

        deltas.ShouldHaveSingleItem().Key.ShouldBe(new ResourceKey(ResourceKind.PolicyRules, "tenants/t/policies/p3"));
        deltas[0].Head.ShouldNotBeNull();
        Moved(deltas).ShouldBe(0);
        evaluations.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_policy_that_is_added_is_its_rules_and_one_entry_per_identity_that_it_selects(int size)
    {
        var tenant = Tenant(size);

        var (deltas, evaluations) = Cost(tenant, Policy("new", subject: "app=a3,env=prod", peer: "app=a4", services: "tcp/80"));

        deltas.Select(d => d.Key.Kind).Order().ShouldBe([ResourceKind.Profile, ResourceKind.PolicyRules]);
        Moved(deltas).ShouldBe(1);
        evaluations.ShouldBe(0, "both selectors are known already");
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_policy_for_all_is_an_entry_per_identity_and_none_per_endpoint(int size)
    {
        var tenant = Tenant(size);

        var (deltas, evaluations) = Cost(tenant, Policy("new", subject: "", peer: "app=a4", services: "tcp/80"));

        deltas.Count(d => d.Key.Kind == ResourceKind.Profile).ShouldBe(Kinds);
        Moved(deltas).ShouldBe(Kinds);
        evaluations.ShouldBe(Kinds);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_new_selector_is_held_only_against_label_sets_that_share_its_rarest_label(int size)
    {
        var tenant = Tenant(size);

        var (_, evaluations) = Cost(tenant, Policy("new", subject: "env=prod,app=a3,version=2", peer: "app=a4", services: "tcp/80"));

        evaluations.ShouldBe(0, "no endpoint has version=2");
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void An_endpoint_that_is_added_is_one_entry_on_its_node_and_one_member_per_group_that_selects_it(int size)
    {
        var tenant = Tenant(size);

        var (deltas, evaluations) = Cost(tenant, Given.Endpoint("t/new", "10.9.9.9", "app=a3,env=prod", node: "n1"));

        deltas.Select(d => d.Key.Kind).ShouldBe([ResourceKind.Binding, ResourceKind.GroupPart], ignoreOrder: true);
        Moved(deltas).ShouldBe(2);
        evaluations.ShouldBe(0, "its label set is known already");
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void An_endpoint_with_labels_of_its_own_is_held_only_against_selectors_that_share_one(int size)
    {
        var tenant = Tenant(size);

        var (_, evaluations) = Cost(tenant, Given.Endpoint("t/new", "10.9.9.9", "app=a3,env=prod,version=2", node: "n1"));

        evaluations.ShouldBe(2, "app=a3 with and without env=prod; the selectors of the other apps are not looked at");
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void An_endpoint_that_is_removed_is_one_entry_and_one_member_per_group(int size)
    {
        var tenant = Tenant(size);

        var (deltas, evaluations) = Cost(tenant, new ClusterChange.RemoveEndpoint(Given.Id("t/e13")));

        Moved(deltas).ShouldBe(2);
        evaluations.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void An_endpoint_that_moves_to_another_node_leaves_its_groups_alone(int size)
    {
        var tenant = Tenant(size);

        var (deltas, evaluations) = Cost(tenant, Given.Endpoint("t/e13", "10.0.0.13", "app=a3,env=prod", node: "n2"));

        deltas.ShouldAllBe(d => d.Key.Kind == ResourceKind.Binding);
        Moved(deltas).ShouldBe(2);
        evaluations.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_policy_that_selects_nothing_moves_nothing(int size)
    {
        var tenant = Tenant(size);

        Cost(tenant, Policy("new", subject: "app=nobody", peer: "app=never-asked", services: "tcp/80")).Deltas.ShouldBeEmpty();
    }

    [Fact]
    public void A_selector_is_evaluated_once_per_distinct_label_set_and_never_per_endpoint()
    {
        Tenant(4_000).Compiler.SelectorEvaluations.ShouldBe(Tenant(40).Compiler.SelectorEvaluations);
    }

    [Fact]
    public void What_came_and_went_costs_nothing_any_more()
    {
        var tenant = Tenant(40);
        for (var i = 0; i < 200; i++)
        {
            tenant.Apply(
                Input(Given.Endpoint("t/gone", "10.9.9.9", $"version=v{i}")),
                Input(Given.Policy("t/gone", "", ingress: [Given.Allow([new Peer.Endpoints(Unlike($"v{i}"))])])));
            tenant.Apply(
                Input(new ClusterChange.RemoveEndpoint(Given.Id("t/gone"))),
                Input(new ClusterChange.RemovePolicy(new PolicyId(tenant.Name, "gone"))));
        }

        Cost(tenant, Given.Endpoint("t/new", "10.9.9.9", "version=new", node: "n1")).Evaluations.ShouldBe(0);
        Cost(tenant, Given.Policy("t/new", "", ingress: [])).Evaluations.ShouldBe(Kinds + 1);
    }

    /// <summary>As many endpoints as policies; the policy of app=a3 admits app=a3, and so on.</summary>
    private static CompiledTenant Tenant(int size)
    {
        var tenant = new CompiledTenant(new TenantName("t"));
        var endpoints = Enumerable.Range(0, size).Select(i =>
            Given.Endpoint($"t/e{i}", $"10.0.{i / 250}.{i % 250}", $"app=a{i % Kinds},env=prod", node: $"n{i % 7}"));
        var policies = Enumerable.Range(0, size).Select(i =>
            Policy($"p{i}", subject: $"app=a{i % Kinds},env=prod", peer: $"app=a{i % Kinds}", services: "tcp/80"));
        tenant.Apply([.. endpoints.Concat(policies).Select(Input)]);
        return tenant;
    }

    private static ClusterChange Policy(string name, string subject, string peer, string services) =>
        Given.Policy($"t/{name}", subject, ingress: [Given.Allow([Given.Endpoints(peer)], services)]);

    /// <summary>A selector that every label set has to be held against.</summary>
    private static EndpointSelector Unlike(string version) =>
        new(TenantScope.Same.Instance, new EndpointQuery(Selector.Of(Requirement.NotIn("version", version))));

    private static TenantInput Input(ClusterChange change) => TenantInputs.Of(change, ClusterState.Empty, []).Single().Input;

    private static (ResourceDelta[] Deltas, long Evaluations) Cost(CompiledTenant tenant, ClusterChange change)
    {
        var before = tenant.Compiler.SelectorEvaluations;
        var deltas = tenant.Apply(Input(change));
        return ([.. deltas], tenant.Compiler.SelectorEvaluations - before);
    }

    private static int Moved(IEnumerable<ResourceDelta> deltas) => deltas.Sum(d => d.Added.Length + d.Removed.Length);
}
