using Google.Protobuf;
using Grpc.Core;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Agents;
using Vallum.NodeAgent.Tests.Wire;
using WireAction = Vallum.Contracts.Agent.V1.Action;

namespace Vallum.NodeAgent.Tests;

/// <summary>A silo that is older or newer than the agent.</summary>
public sealed class VersionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeNode _node = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_that_does_not_welcome_speaks_the_first_level()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);

        await ShouldEnforceAsync(stream);
    }

    [Fact]
    public async Task A_welcome_at_a_level_that_the_agent_speaks_is_followed_by_updates()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        await stream.SendAsync(new ControlMessage { Welcome = new Welcome { Protocol = ProtocolLevels.Own.Newest, SiloVersion = "9.9.0" } });

        await ShouldEnforceAsync(stream);
    }

    [Fact]
    public async Task What_a_newer_silo_says_beside_updates_is_passed_over()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        // Field 90 of ControlMessage, length-delimited, one byte.
        await stream.SendAsync(ControlMessage.Parser.ParseFrom(new byte[] { 0xD2, 0x05, 0x01, 0x00 }));

        await ShouldEnforceAsync(stream);
    }

    [Fact]
    public async Task A_silo_at_a_level_that_the_agent_does_not_speak_is_left_and_what_is_enforced_stays()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (first, _) = await silo.AcceptAsync(Token);
        await ShouldEnforceAsync(first);
        var enforced = _node.Kernel.Read().ToString();
        first.End();
        var (second, _) = await silo.AcceptAsync(Token);
        await second.SendAsync(new ControlMessage { Welcome = new Welcome { Protocol = ProtocolLevels.Own.Newest + 1, SiloVersion = "9.9.0" } });

        await second.ShouldBeLeftAsync();
        _node.Kernel.Read().ToString().ShouldBe(enforced);
    }

    [Fact]
    public async Task A_silo_that_refuses_the_agents_level_is_left_for_another_that_may_take_it()
    {
        await using var newer = await FakeSilo.StartAsync();
        await using var same = await FakeSilo.StartAsync();
        newer.Refusal = new Grpc.Core.Status(StatusCode.FailedPrecondition, "agent 0.1.0 of node n1 speaks level 1 of the agents' protocol, and this silo (9.9.0) level 2");
        var options = _directory.Options(newer.Address, same.Address);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        await using var agent = await RunningAgent.StartAsync(options, _node, time);

        var accepting = same.AcceptAsync(Token);
        while (!accepting.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(accepting, Task.Delay(TimeSpan.FromMilliseconds(20), Token));
        }

        await ShouldEnforceAsync((await accepting).Stream);
    }

    /// <summary>Each is something that a later version might say to narrow what a rule allows.</summary>
    [Theory]
    [InlineData("rule")]
    [InlineData("match")]
    [InlineData("peer")]
    [InlineData("block")]
    [InlineData("service")]
    [InlineData("action")]
    public async Task A_rule_that_says_what_the_agent_does_not_know_allows_nothing(string where)
    {
        var rules = WireState.Allow(new Peer { Group = "clients" }, 80);
        var match = rules.Ingress[0].Matches[0];
        switch (where)
        {
            case "rule":
                rules.Ingress[0] = Newer(Rule.Parser, rules.Ingress[0]);
                break;
            case "match":
                rules.Ingress[0].Matches[0] = Newer(Match.Parser, match);
                break;
            case "peer":
                match.Peers[0] = Newer(Peer.Parser, match.Peers[0]);
                break;
            case "block":
                match.Peers[0] = new Peer { Block = Newer(Block.Parser, new Block { Cidr = WireState.Member("10.9.0.0/16") }) };
                break;
            case "service":
                match.Services[0] = Newer(Service.Parser, match.Services[0]);
                break;
            default:
                rules.Ingress[0].Action = (WireAction)9;
                break;
        }

        var said = await TakeAsync(rules);

        said[0].Nack.Reason.ShouldBe(Nack.Types.Reason.Unsupported);
        said[0].Nack.Resources.ShouldHaveSingleItem().Name.ShouldBe("p");
        said[1].Ack.ShouldNotBeNull();
        _node.Kernel.SaveRules(Primitives.IpFamily.V4).ShouldNotContain("--dport 80");
    }

    [Fact]
    public async Task A_field_that_says_more_of_a_policy_as_a_whole_is_passed_over()
    {
        var said = await TakeAsync(Newer(PolicyRulesHead.Parser, WireState.Allow(new Peer { Group = "clients" }, 80)));

        said.ShouldHaveSingleItem().Ack.ShouldNotBeNull();
        _node.Kernel.SaveRules(Primitives.IpFamily.V4).ShouldContain("--dport 80");
    }

    [Fact]
    public async Task An_entry_of_a_profile_with_an_unknown_field_closes_the_endpoint()
    {
        var wanted = WireState.Web("10.9.0.0/16");
        wanted.Put(
            ResourceKind.Profile,
            "web",
            new ProfileHead { DefaultIngress = WireAction.Allow, DefaultEgress = WireAction.Allow },
            Newer(ProfileEntry.Parser, new ProfileEntry { Direction = Direction.Ingress, Tier = Tier.Tenant, Policy = "tenants/t/policies/p", Rules = "p" }).ToByteString());
        var said = await TakeAsync(wanted);

        said[0].Nack.Resources.ShouldHaveSingleItem().Name.ShouldBe("web");
        _node.Kernel.SaveRules(Primitives.IpFamily.V4).ShouldNotContain("--dport 80");
    }

    public void Dispose() => _directory.Dispose();

    private async Task<System.Collections.Immutable.ImmutableArray<AgentMessage>> TakeAsync(PolicyRulesHead rules)
    {
        var wanted = WireState.Web("10.9.0.0/16");
        wanted.Put(ResourceKind.PolicyRules, "p", rules);
        return await TakeAsync(wanted);
    }

    private async Task<System.Collections.Immutable.ImmutableArray<AgentMessage>> TakeAsync(WireState wanted)
    {
        using var agent = new Agent(_directory.Options(new Uri("http://127.0.0.1:1")), _node, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await agent.StartAsync(Token);
        return await agent.TakeAsync([wanted.Snapshot(1)], Token);
    }

    /// <summary>The message as a later version may write it: with field 1000, a varint.</summary>
    private static T Newer<T>(MessageParser<T> parser, T message)
        where T : IMessage<T> => parser.ParseFrom([.. message.ToByteArray(), 0xC0, 0x3E, 0x01]);

    private async Task ShouldEnforceAsync(AgentStream stream)
    {
        await stream.SendAsync(WireState.Web("10.9.0.0/16").Snapshot(1));
        (await stream.ReceiveAsync()).Ack.ShouldNotBeNull();
        _node.Kernel.SaveRules(Primitives.IpFamily.V4).ShouldContain("--dport 80");
    }
}
