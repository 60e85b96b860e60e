using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Packets.Tests.Router;
using Vallum.Dataplane.Packets.Tests.Traffic;
using Vallum.Dataplane.Packets.Tests.Worlds;
using Vallum.NodeAgent.Kernel;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Packets.Tests;

public sealed class LegacyWrongOrderTests() : WrongOrderTests(IptablesFlavour.Legacy);

public sealed class NftWrongOrderTests() : WrongOrderTests(IptablesFlavour.Nft);

/// <summary>
/// That the traffic of the change test sees what it is there to see: the same rules changed in orders that are known to be wrong, and in the right ones
/// beside them.
/// </summary>
public abstract class WrongOrderTests(IptablesFlavour flavour) : IAsyncLifetime
{
    private const int Times = 3;

    private static readonly Address Web = Address.Parse("10.0.0.2");
    private static readonly Address Client = Address.Parse("203.0.113.7");
    private static readonly Address Banned = Address.Parse("203.0.113.66");
    private static readonly Address Stranger = Address.Parse("198.51.100.9");

    private NodeUnderTest _node = null!;

    /// <summary>Tenant red's web takes tcp 80 from the partners; the operator bans some of these.</summary>
    private static ClusterState World { get; } = ClusterState.Empty with
    {
        Endpoints = ClusterState.Empty.Endpoints.Add(
            new EndpointId(new TenantName("red"), "a"),
            new Endpoint(
                new EndpointId(new TenantName("red"), "a"), new SegmentName("web"), PacketWorlds.Node, [Web], "veth-red-a", LabelSet.Empty, [])),
        NetworkSets = ClusterState.Empty.NetworkSets
            .Add(new NetworkSetName("partners"), new NetworkSet(new NetworkSetName("partners"), [Cidr.Host(Client), Cidr.Host(Banned)]))
            .Add(new NetworkSetName("banned"), new NetworkSet(new NetworkSetName("banned"), [Cidr.Host(Banned)])),
        Policies = ClusterState.Empty.Policies
            .Add(new PolicyId(null, "ban"), Policy(new PolicyId(null, "ban"), Tier.Admin, RuleAction.Deny, "banned"))
            .Add(new PolicyId(new TenantName("red"), "web"), Policy(new PolicyId(new TenantName("red"), "web"), Tier.Tenant, RuleAction.Allow, "partners", 80)),
    };

    public async ValueTask InitializeAsync()
    {
        _node = await NodeUnderTest.StartAsync(flavour);
        await _node.ApplyAsync(World, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await (_node?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task Wrong_orders_are_caught_and_right_ones_are_not()
    {
        var there = await _node.Kernel.ReadAsync(TestContext.Current.CancellationToken);
        var (chain, at, rule, set) = RuleAbout(there, Client, "RETURN");
        var (_, _, _, bans) = RuleAbout(there, Banned, KernelNames.Deny);
        var rules = there.V4.Chains[chain];
        var whole = $":{chain} - [0:0]\n{string.Concat(rules.Select(r => $"-A {chain} {r}\n"))}";
        var hook = there.V4.Hooks.Single(h => h.BuiltIn == "FORWARD").Rule;
        var members = string.Concat(there.Sets[set].Members.Select(m => $"add {set} {m}\n"));
        var member = there.Sets[set].Members.Single(m => m.Net.Contains(Client));
        var bannedMember = there.Sets[set].Members.Single(m => m.Net.Contains(Banned));
        var byRule = $"-I {chain} {at} -s {Client}/32 -p tcp -m tcp --dport 80 -j RETURN\n";
        var notByRule = $"-D {chain} -s {Client}/32 -p tcp -m tcp --dport 80 -j RETURN\n";
        var (type, shadow) = (there.Sets[set].CreateLine.Split(' ', 3)[2], "shadow");

        await CaughtAsync("a chain flushed, then filled", () => RulesAsync($"-F {chain}\n"), () => RulesAsync(whole));
        await CaughtAsync("the old rule out, then the new one in", () => RulesAsync($"-D {chain} {at}\n"), () => RulesAsync($"-I {chain} {at} {rule}\n"));
        await CaughtAsync("a set flushed, then filled", () => SetsAsync($"flush {set}\n"), () => SetsAsync(members));
        await CaughtAsync(
            "no longer denied, then no longer allowed",
            () => SetsAsync($"del {bans} {Banned}\n"), () => SetsAsync($"del {set} {bannedMember}\n"),
            () => SetsAsync($"add {bans} {Banned}\nadd {set} {bannedMember}\n"));
        await CaughtAsync(
            "out of the set, then into a rule",
            () => SetsAsync($"del {set} {member}\n"), () => RulesAsync(byRule), () => SetsAsync($"add {set} {member}\n"), () => RulesAsync(notByRule));
        await CaughtAsync("the old jump out, then the new one in", () => RulesAsync($"-D FORWARD {hook}\n"), () => RulesAsync($"-I FORWARD 1 {hook}\n"));

        await FineAsync("a chain rewritten in one commit", () => RulesAsync(whole));
        await FineAsync("the new rule in, then the old one out", () => RulesAsync($"-I {chain} {at} {rule}\n"), () => RulesAsync($"-D {chain} {at + 1}\n"));
        await FineAsync(
            "a new set swapped in",
            () => SetsAsync($"create {shadow} {type}\n{members.Replace($"add {set} ", $"add {shadow} ", StringComparison.Ordinal)}"),
            () => SetsAsync($"swap {shadow} {set}\n"), () => SetsAsync($"destroy {shadow}\n"));
        await FineAsync(
            "no longer allowed, then no longer denied",
            () => SetsAsync($"del {set} {bannedMember}\n"), () => SetsAsync($"del {bans} {Banned}\n"),
            () => SetsAsync($"add {bans} {Banned}\n"), () => SetsAsync($"add {set} {bannedMember}\n"));
        await FineAsync(
            "into a rule, then out of the set",
            () => RulesAsync(byRule), () => SetsAsync($"del {set} {member}\n"), () => SetsAsync($"add {set} {member}\n"), () => RulesAsync(notByRule));
        await FineAsync("the new jump in and the old one out in one commit", () => RulesAsync($"-I FORWARD 1 {hook}\n-D FORWARD 2\n"));
    }

    private async Task CaughtAsync(string what, params Func<Task>[] steps)
    {
        var count = await WatchAsync(what, steps);
        (count.Lost + count.Leaked).ShouldBeGreaterThan(0, what);
    }

    private async Task FineAsync(string what, params Func<Task>[] steps)
    {
        var count = await WatchAsync(what, steps);
        count.Wrong.ShouldBeEmpty($"{what}: {count}");
    }

    private async Task<TrafficCount> WatchAsync(string what, Func<Task>[] steps)
    {
        var count = await _node.WatchAsync([Flow.Tcp(Client, Web, 80)], [Flow.Tcp(Banned, Web, 80), Flow.Tcp(Stranger, Web, 80)], async () =>
        {
            for (var time = 0; time < Times; time++)
            {
                foreach (var step in steps)
                {
                    await step();
                }
            }
        });
        count.Allowed.ShouldBeGreaterThan(0);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{flavour}: {what}: {100.0 * count.Lost / count.Allowed:0} % lost, {100.0 * count.Leaked / count.Denied:0} % leaked of {count.Packets}"));
        return count;
    }

    /// <summary>The first rule with a set that holds the address, its place in its chain, and the set.</summary>
    private static (string Chain, int At, string Rule, string Set) RuleAbout(KernelState state, Address address, string target) => (
        from chain in state.V4.Chains
        from rule in chain.Value.Select((text, index) => (Text: text, At: index + 1))
        where rule.Text.EndsWith(target, StringComparison.Ordinal)
        from set in state.Sets.Values
        where rule.Text.Contains($"--match-set {set.Name} ", StringComparison.Ordinal) && set.Members.Any(m => m.Net.Contains(address))
        select (chain.Key, rule.At, rule.Text, set.Name)).First();

    private Task<string> RulesAsync(string lines) => Tool.FeedAsync(
        _node.Lab.Space, $"*filter\n{lines}COMMIT\n", new Toolset(flavour).Restore(IpFamily.V4), "--noflush", "-w", "30");

    private Task<string> SetsAsync(string lines) => Tool.FeedAsync(_node.Lab.Space, lines, "ipset", "restore");

    private static Policy Policy(PolicyId id, Tier tier, RuleAction action, string set, params ushort[] ports) => new(
        id,
        tier,
        0,
        PolicyMode.Enforced,
        Policies.Model.Revocation.Keep,
        [new EndpointSelector(TenantScope.Same.Instance, new EndpointQuery(Selector.All))],
        [Direction.Ingress],
        [
            new Rule(
                "only", action, [new Peer.Set(new NetworkSetName(set))],
                [.. ports.Select(p => new Service(IpProtocol.Tcp, [new PortMatch.Numbers(PortRange.Single(p))]))]),
        ],
        []);
}
