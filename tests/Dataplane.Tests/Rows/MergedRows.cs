using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Rows;

/// <summary>Policies on one side; on the other the rules of the merged run and the members of its sets.</summary>
public sealed class MergedRows
{
    private const string Drop = "-g VALLUM-DENY";

    [Fact]
    public void Eight_conditions_are_rules_and_nine_are_a_set()
    {
        Merged([.. Enumerable.Range(1, 8).Select(n => Allow($"10.0.{n}.0/24", Tcp(80)))], 8).Rules.Length.ShouldBe(9);
        var (rules, sets) = Merged([.. Enumerable.Range(1, 9).Select(n => Allow($"10.0.{n}.0/24", Tcp(80)))], 8);
        rules.ShouldBe(["-m set --match-set 1 src,dst -j RETURN", Drop]);
        sets[0].ShouldBe([.. Enumerable.Range(1, 9).Select(n => $"10.0.{n}.0/24,6:80")]);
    }

    [Fact]
    public void What_has_single_ports_stands_in_one_set_whatever_the_protocol() =>
        Members(Allow("10.0.0.0/8", Tcp(80), Service.Of(IpProtocol.Sctp, new PortRange(0, 2)), new Service(IpProtocol.Icmp, [], [], 8, 0), new Service(47, [], [])))
            .ShouldBe(["10.0.0.0/8,1:8/0", "10.0.0.0/8,6:80", "10.0.0.0/8,47:0", "10.0.0.0/8,132:0", "10.0.0.0/8,132:1", "10.0.0.0/8,132:2"]);

    [Fact]
    public void Anyone_is_two_halves() => Members(Allow("0.0.0.0/0", Tcp(80))).ShouldBe(["0.0.0.0/1,6:80", "128.0.0.0/1,6:80"]);

    [Fact]
    public void Protocols_ranges_and_types_have_rules_of_their_own()
    {
        var (rules, sets) = Merged([
            Allow("10.1.0.0/16", Service.Any), Allow("10.2.0.0/16", new Service(IpProtocol.Tcp, [], [])),
            Allow("10.3.0.0/16", Service.Of(IpProtocol.Udp, new PortRange(8000, 8999))), Allow("10.4.0.0/16", new Service(IpProtocol.Icmp, [], [], 3)),
            Allow("10.5.0.0/16", Service.Of(IpProtocol.Udp, new PortRange(8000, 8999)))]);
        rules.ShouldBe([
            "-p tcp -m set --match-set 1 src -j RETURN",
            "-p icmp -m icmp --icmp-type 3 -m set --match-set 2 src -j RETURN",
            "-p udp -m udp --dport 8000:8999 -m set --match-set 3 src -j RETURN",
            "-m set --match-set 4 src -j RETURN",
            Drop]);
        sets.ShouldBe([["10.2.0.0/16"], ["10.4.0.0/16"], ["10.3.0.0/16", "10.5.0.0/16"], ["10.1.0.0/16"]]);
    }

    [Fact]
    public void An_exception_of_one_policy_hides_nothing_that_another_allows()
    {
        Members(Allow("10.0.0.0/8", ["10.1.0.0/16", "10.2.0.0/16"], Tcp(80)), Allow("10.1.2.0/24", Tcp(80)), Allow("10.1.0.0/16", Tcp(81)))
            .ShouldBe(["10.0.0.0/8,6:80", "10.1.0.0/16,6:80 nomatch", "10.1.0.0/16,6:81", "10.1.2.0/24,6:80", "10.2.0.0/16,6:80 nomatch"]);
        Members(Allow("10.0.0.0/8", ["10.1.0.0/16", "10.2.0.0/16"], Tcp(80)), Allow("10.0.0.0/7", ["10.2.0.0/15"], Tcp(80)))
            .ShouldBe(["10.0.0.0/7,6:80", "10.0.0.0/8,6:80", "10.1.0.0/16,6:80", "10.2.0.0/15,6:80", "10.2.0.0/16,6:80 nomatch"]);
    }

    [Fact]
    public void An_exception_turns_when_another_policy_covers_it_and_turns_back()
    {
        ImmutableArray<Rule> cut = [Allow("10.0.0.0/8", ["10.1.0.0/16"], Tcp(80))];
        var alone = Rendered(cut, 0);
        var covered = Renderer.Render(State([.. cut, Allow("10.0.0.0/7", Tcp(80))]), alone.Options, alone);
        var change = MemberSet.Between(MergedSets(alone).Single().Members, MergedSets(covered).Single().Members);
        change.Added.Select(m => m.ToString()).ShouldBe(["10.0.0.0/7,6:80", "10.1.0.0/16,6:80"]);
        change.Removed.Select(m => m.ToString()).ShouldBe(["10.1.0.0/16,6:80 nomatch"]);

        var kernel = new FakeKernel();
        kernel.Run(Planner.Between(KernelState.Empty, alone.Kernel));
        kernel.Run(Planner.Between(alone.Kernel, covered.Kernel));
        kernel.Read().ToString().ShouldBe(covered.Kernel.ToString());
        kernel.Run(Planner.Between(covered.Kernel, alone.Kernel));
        kernel.Read().ToString().ShouldBe(alone.Kernel.ToString());
    }

    [Fact]
    public void What_fits_no_set_stays_a_rule_before_them()
    {
        var log = Allow("10.9.0.0/16", Tcp(80)) with { Log = true };
        Merged([Allow("10.0.0.0/8", Tcp(80)), log]).Rules.ShouldBe([
            "-s 10.9.0.0/16 -p tcp -m tcp --dport 80 -m limit --limit 10/sec --limit-burst 20 -j NFLOG --nflog-prefix \"p1/r\" --nflog-group 9",
            "-s 10.9.0.0/16 -p tcp -m tcp --dport 80 -j RETURN",
            "-m set --match-set 1 src,dst -j RETURN",
            Drop]);
    }

    [Fact]
    public void Many_ranges_are_found_in_three_steps_and_ends_narrower_than_a_part_are_single_ports()
    {
        var rules = Enumerable.Range(0, 17).Select(n => Allow($"10.{n}.0.0/16", Service.Of(IpProtocol.Tcp, new PortRange(1000 * (n + 1), (1000 * (n + 1)) + 100))));
        var rendering = Rendered([.. rules], 0);
        var chain = Chain(rendering);
        chain[^2].ShouldStartWith("-p tcp -g VALLUM-RI-");
        var levels = rendering.Kernel.V4.Chains.Where(c => c.Key.StartsWith("VALLUM-RI-", StringComparison.Ordinal)).ToArray();
        levels.ShouldAllBe(c => c.Value.Last() == Drop && c.Value.Length <= 21);
        MergedSets(rendering).Where(s => s.Type == SetType.Net).ShouldAllBe(s => s.Members.Count >= 1);
    }

    [Fact]
    public void Runs_of_an_ordered_tier_are_merged_each_for_itself()
    {
        Rule Deny(string block) => Allow(block) with { Action = RuleAction.Deny };
        var state = State([Deny("10.1.0.0/16"), Deny("10.2.0.0/16"), Allow("10.0.0.0/8"), Allow("11.0.0.0/8"), Deny("10.0.0.0/7")], Tier.Admin);
        var rendering = Renderer.Render(state, new RenderOptions { UnmergedConditions = 1 });
        Numbered(rendering).Rules.ShouldBe([
            "-m set --match-set 1 src -g VALLUM-DENY", "-m set --match-set 2 src -j RETURN", "-s 10.0.0.0/7 -g VALLUM-DENY"]);
    }

    private static Service Tcp(int port) => Service.Of(IpProtocol.Tcp, PortRange.Single(port));

    private static Rule Allow(string block, params ImmutableArray<Service> services) => Allow(block, [], services);

    private static Rule Allow(string block, ImmutableArray<string> except, params ImmutableArray<Service> services) => new(
        "r", RuleAction.Allow, [new Match([new Peer.Block(Cidr.Parse(block), [.. except.Select(Cidr.Parse)])], [.. services.Where(s => s != Service.Any)])]);

    private static string[] Members(params ImmutableArray<Rule> rules) => Merged(rules).Sets.Single();

    /// <summary>The chain's rules with its sets numbered, and the members of each.</summary>
    private static (ImmutableArray<string> Rules, string[][] Sets) Merged(ImmutableArray<Rule> rules, int unmerged = 0) => Numbered(Rendered(rules, unmerged));

    private static (ImmutableArray<string> Rules, string[][] Sets) Numbered(Rendering.Rendering rendering)
    {
        var rules = string.Join('\n', Chain(rendering));
        var sets = MergedSets(rendering).OrderBy(s => rules.IndexOf(s.Name, StringComparison.Ordinal)).ToArray();
        for (var i = 0; i < sets.Length; i++)
        {
            rules = rules.Replace(sets[i].Name, $"{i + 1}", StringComparison.Ordinal);
        }

        return ([.. rules.Split('\n')], [.. sets.Select(s => s.Members.Order().Select(m => m.ToString()).ToArray())]);
    }

    private static IEnumerable<KernelSet> MergedSets(Rendering.Rendering rendering) =>
        rendering.Kernel.Sets.Values.Where(s => s.Name.StartsWith("vallum4-m-", StringComparison.Ordinal));

    private static ImmutableArray<string> Chain(Rendering.Rendering rendering) => rendering.Kernel.V4.Chains[KernelNames.Chain("PI", "web")];

    private static Rendering.Rendering Rendered(ImmutableArray<Rule> rules, int unmerged) =>
        Renderer.Render(State(rules), new RenderOptions { UnmergedConditions = unmerged });

    /// <summary>A policy for each rule.</summary>
    private static NodeState State(ImmutableArray<Rule> rules, Tier tier = Tier.Tenant) => NodeState.Empty with
    {
        Bindings = [new Binding("t/web", [Address.Parse("10.1.7.10")], null, "web")],
        Profiles = ImmutableDictionary<string, Profile>.Empty.Add("web", Profile.Open with
        {
            Policies = [.. rules.Select((_, i) => new PolicyInForce(Direction.Ingress, tier, i, $"p{i}", $"r{i}", false))],
        }),
        Rules = rules.Select((rule, i) => (rule, i)).ToImmutableDictionary(r => $"r{r.i}", r => new PolicyRules($"p{r.i}", [r.rule], [], false)),
    };
}
