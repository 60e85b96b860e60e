using CsCheck;
using Grpc.Core;
using Shouldly;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Agents;
using Vallum.Distribution.Tests.Worlds;
using Xunit;

namespace Vallum.Distribution.Tests.Sessions;

/// <summary>Agents that are older or newer than the silo, by what their Hello says.</summary>
public sealed class ProtocolLevelTests
{
    // As an agent sent it before levels were said: node n1, instance i, version 0.1.0, backend iptables-nft, capability host-policies.
    private static readonly byte[] OlderHello = Convert.FromHexString(
        "0A2B0A026E31120169" + "2205302E312E30" + "2A0C69707461626C65732D6E6674" + "320D686F73742D706F6C6963696573");

    private static readonly Gen<ProtocolLevels> Levels =
        from oldest in Gen.UInt[1, 9]
        from more in Gen.UInt[0, 4]
        select new ProtocolLevels(oldest, oldest + more);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_older_agent_that_says_no_level_is_served_and_not_welcomed()
    {
        var hello = AgentMessage.Parser.ParseFrom(OlderHello);
        hello.Hello.Capabilities.ShouldBe(["host-policies"]);

        (await FirstAnswerAsync(hello)).BodyCase.ShouldBe(ControlMessage.BodyOneofCase.Update);
    }

    [Fact]
    public async Task An_agent_of_this_version_is_told_the_level_and_the_silos_version_first()
    {
        var welcome = (await FirstAnswerAsync(Says(ProtocolLevels.Own))).Welcome.ShouldNotBeNull();

        welcome.Protocol.ShouldBe(ProtocolLevels.Own.Newest);
        welcome.SiloVersion.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_newer_agent_that_still_speaks_this_level_is_served_at_it_whatever_else_it_says()
    {
        var hello = Says(new ProtocolLevels(ProtocolLevels.Own.Newest, ProtocolLevels.Own.Newest + 3));
        hello.Hello.Capabilities.Add("what-nobody-knows-yet");
        // Field 1000 of Hello, a varint.
        hello.Hello = Hello.Parser.ParseFrom([.. Google.Protobuf.MessageExtensions.ToByteArray(hello.Hello), 0xC0, 0x3E, 0x01]);

        (await FirstAnswerAsync(hello)).Welcome.ShouldNotBeNull().Protocol.ShouldBe(ProtocolLevels.Own.Newest);
    }

    [Fact]
    public async Task An_agent_with_no_level_in_common_is_refused_with_the_levels_that_the_silo_takes()
    {
        var next = ProtocolLevels.Own.Newest + 1;
        var refusal = await Should.ThrowAsync<RpcException>(FirstAnswerAsync(Says(new ProtocolLevels(next, next))));

        refusal.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        refusal.Status.Detail.ShouldContain($"speaks level {next} of the agents' protocol, and this silo");
        refusal.Status.Detail.ShouldContain("upgrade the silos");
        var error = refusal.GetRpcStatus()!.GetDetail<Google.Rpc.ErrorInfo>()!;
        error.Reason.ShouldBe("PROTOCOL_NOT_SPOKEN");
        error.Metadata["newest_protocol"].ShouldBe($"{ProtocolLevels.Own.Newest}");
        error.Metadata["silo_version"].ShouldNotBeEmpty();
    }

    [Fact]
    public void The_level_in_common_is_the_newest_that_both_speak_whoever_asks() => Gen.Select(Levels, Levels).Sample((one, other) =>
    {
        var both = Enumerable.Range(1, 20).Select(level => (uint)level).Where(level => one.Include(level) && other.Include(level)).ToList();

        one.InCommonWith(other).ShouldBe(both.Count == 0 ? null : both[^1]);
        other.InCommonWith(one).ShouldBe(one.InCommonWith(other));
    });

    [Theory]
    [InlineData(0, 0, "level 1")]
    [InlineData(0, 2, "levels 1 to 2")]
    [InlineData(3, 0, "level 3")]
    [InlineData(2, 3, "levels 2 to 3")]
    public void What_is_not_said_is_the_first_level(uint oldest, uint newest, string words) => ProtocolLevels.Said(oldest, newest).ToString().ShouldBe(words);

    private static AgentMessage Says(ProtocolLevels levels) => new()
    {
        Hello = new Hello { Node = "n1", InstanceId = "i", AgentVersion = "9.9.0", OldestProtocol = levels.Oldest, NewestProtocol = levels.Newest },
    };

    private static async Task<ControlMessage> FirstAnswerAsync(AgentMessage hello)
    {
        await using var host = await AgentHost.StartAsync(AgentHost.World());
        using var call = AgentHost.Client(host).Connect(cancellationToken: Cancelled);
        await call.RequestStream.WriteAsync(hello, Cancelled);
        (await call.ResponseStream.MoveNext(Cancelled)).ShouldBeTrue();
        return call.ResponseStream.Current;
    }
}
