using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests;

/// <summary>A change costs what it says, not what is there. Counts are asserted; milliseconds are in the test's output.</summary>
public sealed class RenderCosts
{
    [Theory]
    [InlineData(1, 1, 10_000)]
    [InlineData(1, 1, 100_000)]
    [InlineData(250, 25, 40)]
    public void One_policy_more_or_less_touches_its_own_members(int endpoints, int profiles, int policies)
    {
        var state = State(endpoints, profiles, policies);
        var (first, load) = Timed(() => Renderer.Render(state, RenderOptions.Default));
        var times = new List<double>();
        var plans = new List<double>();
        var now = first;
        for (var i = 0; i < 20; i++)
        {
            // A policy comes to the first profile, says something else, and goes.
            var (profile, rules) = (state.Profiles["p0"], state.Rules);
            foreach (var next in new[]
            {
                With(profile.Policies.Insert(policies / 2, InForce("new")), rules.SetItem("new", Allow("10.200.0.1/32", 80))),
                With(profile.Policies.Insert(policies / 2, InForce("new")), rules.SetItem("new", Allow("10.200.0.2/32", 80))),
                With(profile.Policies, rules),
            })
            {
                var (rendered, time) = Timed(() => Renderer.Render(next, RenderOptions.Default, now));
                times.Add(time);
                var sets = rendered.Kernel.Sets.Values.Where(s => !ReferenceEquals(now.Kernel.Sets.GetValueOrDefault(s.Name), s)).ToArray();
                sets.Length.ShouldBe(1);
                var change = MemberSet.Between(now.Kernel.Sets[sets[0].Name].Members, sets[0].Members);
                (change.Added.Length + change.Removed.Length).ShouldBeInRange(1, 2);
                ReferenceEquals(rendered.Kernel.V4, now.Kernel.V4).ShouldBeTrue();
                ReferenceEquals(rendered.Kernel.V6, now.Kernel.V6).ShouldBeTrue();
                var (plan, decided) = Timed(() => Planner.Between(now.Kernel, rendered.Kernel));
                plan.Steps.ShouldAllBe(s => s is PlanStep.ChangeSets);
                plans.Add(decided);
                now = rendered;
            }

            NodeState With(ImmutableArray<PolicyInForce> inForce, PersistentDictionary<string, PolicyRules> all) =>
                state with { Profiles = state.Profiles.SetItem("p0", profile with { Policies = inForce }), Rules = all };
        }

        times.Sort();
        plans.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{endpoints} endpoints, {profiles} profiles of {policies} policies, {now.Kernel.V4.Chains.Values.Sum(c => c.Length)} rules: first {load:0} ms; edit p50 {times[times.Count / 2]:0.000} ms max {times[^1]:0.0}; plan p50 {plans[plans.Count / 2]:0.000}"));
    }

    [Fact]
    public void A_rule_of_one_profile_rewrites_its_chain_and_no_other()
    {
        var state = State(250, 25, 5);
        var before = Renderer.Render(state, RenderOptions.Default);
        var after = Renderer.Render(state with { Rules = state.Rules.SetItem("r3-2", Allow("10.200.0.1/32", 80)) }, RenderOptions.Default, before);
        var changed = after.Kernel.V4.Chains.Where(c => before.Kernel.V4.Chains[c.Key] != c.Value).Select(c => c.Key);
        changed.ShouldBe([KernelNames.Chain("PI", "p3")]);
        after.Kernel.V6.ShouldBe(before.Kernel.V6);
    }

    [Fact]
    public void A_member_of_a_group_that_many_policies_name_is_added_once_a_port()
    {
        var ports = Enumerable.Range(1, 30).ToArray();
        var state = NodeState.Empty with
        {
            Bindings = [new Binding("t/web", [Address.Parse("10.1.7.10")], null, "web")],
            Profiles = ImmutableDictionary<string, Profile>.Empty.Add("web", Profile.Open with { Policies = [.. ports.Select(n => InForce($"r{n}"))] }),
            Rules = ports.ToImmutableDictionary(n => $"r{n}", n => new PolicyRules(
                $"r{n}", [new Rule("r", RuleAction.Allow, [new Match([new Peer.Group("g")], [Service.Of(IpProtocol.Tcp, PortRange.Single(1 + (n % 3)))])])], [], false)),
            Groups = ImmutableDictionary<string, Group>.Empty.Add("g", Group.Of(Enumerable.Range(0, 1000).Select(Member))),
        };
        var before = Renderer.Render(state, RenderOptions.Default);
        var after = Renderer.Render(
            state with { Groups = state.Groups.SetItem("g", state.Groups["g"].With([Member(5000)], [Member(0)])) }, RenderOptions.Default, before);
        var set = before.Kernel.Sets.Keys.Single(s => s.StartsWith("vallum4-m-", StringComparison.Ordinal));
        var change = MemberSet.Between(before.Kernel.Sets[set].Members, after.Kernel.Sets[set].Members);
        change.Added.Length.ShouldBe(3);
        change.Removed.Length.ShouldBe(3);
    }

    [Fact]
    public void A_member_of_a_large_group_is_added_once_however_many_classes_ask_for_it()
    {
        var state = Sharing(classes: 100, groups: 10, members: 2000);
        var before = Renderer.Render(state, RenderOptions.Default);
        var (after, time) = Timed(() => Renderer.Render(With(state, "g3", Member(5000)), RenderOptions.Default, before));
        var steps = Planner.Between(before.Kernel, after.Kernel).Steps;
        steps.ShouldHaveSingleItem().ShouldBeOfType<PlanStep.ChangeSets>().Operations.Sum(o => o.Size).ShouldBe(1);

        // Eight groups are asked by rules; the two that are left are copied, once a class.
        before.Kernel.Sets.Values.Where(s => s.Name.StartsWith("vallum4-g-", StringComparison.Ordinal)).ShouldAllBe(s => s.Members.Count == 2000);
        before.Kernel.Sets.Values.Where(s => s.Name.StartsWith("vallum4-m-", StringComparison.Ordinal)).Select(s => s.Members.Count).ShouldBe(
            Enumerable.Repeat((2 * 2000) + 10, 100));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rendered in {time:0.000} ms"));
    }

    [Fact]
    public void A_group_that_becomes_large_leaves_the_merged_sets_and_comes_back_when_it_is_not()
    {
        var small = Sharing(classes: 3, groups: 1, members: 1023);
        var large = With(small, "g0", Member(5000));
        var before = Renderer.Render(small, RenderOptions.Default);
        var after = Renderer.Render(large, RenderOptions.Default, before);
        before.Kernel.Sets.Keys.ShouldNotContain(s => s.StartsWith("vallum4-g-", StringComparison.Ordinal));
        after.Kernel.Sets.Values.Single(s => s.Name.StartsWith("vallum4-g-", StringComparison.Ordinal)).Members.Count.ShouldBe(1024);
        after.Kernel.Sets.Values.Where(s => s.Name.StartsWith("vallum4-m-", StringComparison.Ordinal)).ShouldAllBe(s => s.Members.Count < 20);
        after.Kernel.ToString().ShouldBe(Renderer.Render(large, RenderOptions.Default).Kernel.ToString());
        Renderer.Render(small, RenderOptions.Default, after).Kernel.ToString().ShouldBe(before.Kernel.ToString());
    }

    /// <summary>Each class has a policy for each group, and ten of its own.</summary>
    private static NodeState Sharing(int classes, int groups, int members) => NodeState.Empty with
    {
        Bindings = [.. Enumerable.Range(0, classes).Select(n => new Binding($"t/e{n}", [Address.V4(0x0a010700 + (uint)n)], $"vw{n}", $"p{n}"))],
        Profiles = Enumerable.Range(0, classes).ToImmutableDictionary(p => $"p{p}", p => Profile.Open with
        {
            Policies = [.. Enumerable.Range(0, groups).Select(g => InForce($"g{g}")), .. Enumerable.Range(0, 10).Select(n => InForce($"r{p}-{n}"))],
        }),
        Rules = Enumerable.Range(0, classes).SelectMany(p => Enumerable.Range(0, 10).Select(n => (p, n)))
            .ToImmutableDictionary(r => $"r{r.p}-{r.n}", r => Allow($"10.64.{r.p}.{r.n}/32", 80))
            .AddRange(Enumerable.Range(0, groups).Select(g => KeyValuePair.Create($"g{g}", new PolicyRules(
                $"g{g}", [new Rule("r", RuleAction.Allow, [new Match([new Peer.Group($"g{g}")], [Service.Of(IpProtocol.Tcp, PortRange.Single(443))])])], [], false)))),
        Groups = Enumerable.Range(0, groups).ToImmutableDictionary(g => $"g{g}", g => Group.Of(Enumerable.Range((g * 10_000) + 100_000, members).Select(Member))),
    };

    private static NodeState With(NodeState state, string group, SetMember member) =>
        state with { Groups = state.Groups.SetItem(group, state.Groups[group].With([member], [])) };

    private static SetMember Member(int n) => new(Cidr.Host(Address.V4(0x0a000000 + (uint)n)));

    private static PolicyInForce InForce(string name) => new(Direction.Ingress, Tier.Tenant, 0, name, name, false);

    private static PolicyRules Allow(string block, int port) => new(
        "p", [new Rule("r", RuleAction.Allow, [new Match([new Peer.Block(Cidr.Parse(block), [])], [Service.Of(IpProtocol.Tcp, PortRange.Single(port))])])], [], false);

    private static NodeState State(int endpoints, int profiles, int policies) => NodeState.Empty with
    {
        Bindings = [.. Enumerable.Range(0, endpoints).Select(n => new Binding(
            $"t/e{n}", [Address.V4(0x0a010700 + (uint)n), Address.V6(((UInt128)0xfd00 << 112) + (UInt128)n)], $"vw{n}", $"p{n % profiles}"))],
        Profiles = Enumerable.Range(0, profiles).ToImmutableDictionary(p => $"p{p}", p => Profile.Open with
        {
            Policies = [.. Enumerable.Range(0, policies).Select(n => InForce($"r{p}-{n}"))],
        }),
        Rules = Enumerable.Range(0, profiles).SelectMany(p => Enumerable.Range(0, policies).Select(n => (p, n)))
            .ToImmutableDictionary(r => $"r{r.p}-{r.n}", r => Allow($"10.{64 + (r.n >> 16)}.{(r.n >> 8) & 255}.{r.n & 255}/32", 80 + (r.n % 7))),
    };

    private static (T Value, double Milliseconds) Timed<T>(Func<T> work)
    {
        var start = Stopwatch.GetTimestamp();
        var value = work();
        return (value, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
