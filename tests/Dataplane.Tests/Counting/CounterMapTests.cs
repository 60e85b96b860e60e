using System.Collections.Immutable;
using Vallum.Dataplane.Counting;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Counting;

/// <summary>Who is denied by a line, told from the rendered text alone.</summary>
public sealed class CounterMapTests
{
    private static readonly NodeState State = NodeState.Empty with
    {
        Bindings =
        [
            .. Enumerable.Range(1, 40).Select(i => new Binding($"shop/web-{i}", [Parse($"10.0.0.{i}"), Parse($"fd00::{i:x}")], null, "web")),
            new Binding("shop/db", [Parse("10.0.9.1")], null, "db"),
            new Binding("shop/new", [Parse("10.0.9.2")], null, "gone"),
        ],
        Profiles = ImmutableDictionary<string, Profile>.Empty.Add("web", new Profile([], true, false, [Listed("allow")])).Add("db", new Profile([], false, true, [Listed("allow")])),
        Rules = ImmutableDictionary<string, PolicyRules>.Empty.Add("allow", Allow()),
    };

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void Every_line_that_denies_says_whom(IpFamily family)
    {
        var map = MapOf(family, new RenderOptions { WorkloadInterfaces = ["vw+"] });
        var groups = map.Chains.Values.SelectMany(c => c.Lines).Select(l => l.Denied).OfType<DeniedGroup>().ToHashSet();
        var expected = new HashSet<DeniedGroup> { DeniedGroup.Nobody, new(Direction.Egress, "web") };
        if (family == IpFamily.V4)
        {
            expected.UnionWith([new(Direction.Ingress, "db"), new(Direction.Ingress, "gone"), new(Direction.Egress, "gone")]);
        }

        // Both isolate, with the same list: the group has the name of its first profile.
        groups.Where(g => g.Direction == Direction.Ingress).ShouldContain(g => g.Profile == (family == IpFamily.V4 ? "db" : "web"));
        expected.IsSubsetOf(groups).ShouldBeTrue(string.Join(", ", groups));
    }

    [Fact]
    public void A_group_knows_its_endpoints_however_deep_the_dispatch_is() =>
        MapOf(IpFamily.V4, RenderOptions.Default).Groups[new DeniedGroup(Direction.Egress, "web")].Length.ShouldBe(40);

    [Fact]
    public void Only_where_packets_are_dropped_the_total_counts()
    {
        var map = MapOf(IpFamily.V4, new RenderOptions { LogGroup = 9 });
        var totals = map.Chains.Where(c => c.Value.Lines.Any(l => l.Total)).Select(c => c.Key);
        totals.ShouldBe([KernelNames.Deny]);
        map.Chains[KernelNames.Deny].Lines.Count(l => l.Total).ShouldBe(1);
    }

    [Fact]
    public void A_policy_without_lines_of_its_own_for_some_endpoint_is_merged()
    {
        var rendering = Renderer.Render(State, RenderOptions.Default);
        var owned = rendering.Kernel.V4.Chains.Where(c => c.Key.StartsWith("VALLUM-PI", StringComparison.Ordinal)).ToImmutableDictionary(
            c => c.Key, c => c.Value.Select(_ => (CountedRule?)new CountedRule("tenants/shop/policies/p", "r", Direction.Ingress, Tier.Tenant, false)).ToImmutableArray());
        var none = ImmutableDictionary<string, ImmutableArray<CountedRule?>>.Empty;

        MergedPolicies.Of(State, CounterMap.Of(rendering.Kernel.V4, IpFamily.V4, State, owned)).ShouldBeEmpty();
        MergedPolicies.Of(State, CounterMap.Of(rendering.Kernel.V4, IpFamily.V4, State, none)).ShouldBe(["tenants/shop/policies/p"]);
        var firstOnly = owned.Take(1).ToImmutableDictionary();
        MergedPolicies.Of(State, CounterMap.Of(rendering.Kernel.V4, IpFamily.V4, State, firstOnly)).IsEmpty.ShouldBe(owned.Count == 1);
    }

    private static CounterMap MapOf(IpFamily family, RenderOptions options)
    {
        var rendering = Renderer.Render(State, options);
        return CounterMap.Of(rendering.Kernel.Rules(family), family, State, ImmutableDictionary<string, ImmutableArray<CountedRule?>>.Empty);
    }

    private static PolicyInForce Listed(string rules) => new(Direction.Ingress, Tier.Tenant, 0, "tenants/shop/policies/p", rules, false);

    private static PolicyRules Allow() =>
        new("tenants/shop/policies/p", [new Rule("r", RuleAction.Allow, [new Match([Peer.Any.Instance], [Service.Of(IpProtocol.Tcp, new PortRange(80, 80))])])], [], false);

    private static Address Parse(string text) => Address.TryParse(text, out var address) ? address : throw new FormatException(text);
}
