using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Vallum.Dataplane.Judging;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Judging;

/// <summary>Who decides, in words.</summary>
public sealed class JudgeRows
{
    [Theory]
    [InlineData("10.1.7.9", "10.1.7.10", 80, "no endpoint of this node", "Tenant policies/web rule clients")]
    [InlineData("10.1.7.8", "10.1.7.10", 80, "no endpoint of this node", "isolated by policies/ops, policies/web")]
    [InlineData("10.1.7.66", "10.1.7.10", 80, "no endpoint of this node", "Admin policies/never rule bad")]
    [InlineData("10.0.0.1", "10.1.7.10", 80, "no endpoint of this node", "the endpoint's own node")]
    [InlineData("10.1.7.10", "10.1.7.9", 80, "default", "no endpoint of this node")]
    [InlineData("10.1.7.10", "10.1.7.110", 80, "the endpoint itself", "the endpoint itself")]
    [InlineData("10.1.7.10", "10.1.7.11", 80, "default", "closed: the endpoint's profile is not held")]
    [InlineData("10.1.7.9", "10.1.7.12", 80, "no endpoint of this node", "closed: endpoints with different policies claim the address")]
    public void Each_side_names_who_decides(string source, string destination, int port, string egress, string ingress)
    {
        var decision = new Judge(World.State).Decide(World.Tcp(source, destination, port));
        decision.Egress.ToString().ShouldBe(egress);
        decision.Ingress.ToString().ShouldBe(ingress);
        decision.Allowed.ShouldBe(decision.Egress.Allows && decision.Ingress.Allows);
    }

    [Fact]
    public void A_hundred_thousand_flows_do_not_take_long()
    {
        var members = Enumerable.Range(0, 100_000).Select(n => new SetMember(Cidr.Host(Address.V4(0x0A640000u + (uint)n)))).ToArray();
        var state = World.State with { Groups = World.State.Groups.SetItem("clients", Group.Of(members)) };
        var judge = new Judge(state);

        // The bound is far off; the figure is in the test's output.
        var flows = members.Select(m => new Flow(m.Net.Base, Address.Parse("10.1.7.10"), IpProtocol.Tcp, 80)).ToArray();
        judge.Decide(flows[0]).Allowed.ShouldBeTrue();
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            flows.Count(f => judge.Decide(f).Allowed).ShouldBe(flows.Length);
            best = Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < best ? elapsed : best;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"100,000 flows in {best.TotalMilliseconds:0.0} ms"));
        best.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }
}

/// <summary>One node, a web endpoint that "clients" may reach on tcp 80, and others that are wrong in their ways.</summary>
internal static class World
{
    public static readonly NodeState State = new(
        [Address.Parse("10.0.0.1")],
        [
            Bind("t/web", "web", "10.1.7.10", "10.1.7.110"), Bind("t/lost", "nowhere", "10.1.7.11"),
            Bind("t/one", "web", "10.1.7.12"), Bind("t/two", "other", "10.1.7.12"), Bind("t/free", "other", "10.1.7.13"),
        ],
        ImmutableDictionary<string, Profile>.Empty
            .Add("web", new Profile([], true, true,
            [
                InForce(Tier.Tenant, "web"), InForce(Tier.Tenant, "ops"), InForce(Tier.Admin, "never"), InForce(Tier.Admin, "tried", staged: true),
            ]))
            .Add("other", Profile.Open),
        ImmutableDictionary<string, PolicyRules>.Empty
            .Add("web", Rules("web", Allow("clients", "clients", 80)))
            .Add("ops", Rules("ops", Allow("ops", "ops", 22)))
            .Add("tried", Rules("tried", new Rule("all", RuleAction.Deny, [new Match([], [])])))
            .Add("never", Rules("never", new Rule("bad", RuleAction.Deny, [new Match([new Peer.Group("bad")], [])]))),
        ImmutableDictionary<string, Group>.Empty
            .Add("clients", Members("10.1.7.9/32", "10.1.7.66/32")).Add("ops", Members("10.1.7.7/32")).Add("bad", Members("10.1.7.66/32")));

    public static Flow Tcp(string source, string destination, int port) =>
        new(Address.Parse(source), Address.Parse(destination), IpProtocol.Tcp, (ushort)port);

    public static Group Members(params string[] blocks) => Group.Of(blocks.Select(b => new SetMember(Cidr.Parse(b))));

    public static Rule Allow(string name, string group, int port) =>
        new(name, RuleAction.Allow, [new Match([new Peer.Group(group)], [Service.Of(IpProtocol.Tcp, PortRange.Single(port))])]);

    public static PolicyRules Rules(string policy, params Rule[] ingress) => new($"policies/{policy}", [.. ingress], [], false);

    public static PolicyInForce InForce(Tier tier, string policy, bool staged = false) =>
        new(Direction.Ingress, tier, 0, $"policies/{policy}", policy, staged);

    public static Binding Bind(string endpoint, string profile, params string[] addresses) =>
        new(endpoint, [.. addresses.Select(Address.Parse)], null, profile);
}
