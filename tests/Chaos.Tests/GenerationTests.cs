using System.Buffers.Binary;
using Google.Protobuf;
using Vallum.Agents;
using Vallum.Chaos.Worlds;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Chaos.Tests;

/// <summary>That the run sees what it is there to see.</summary>
public sealed class GenerationTests
{
    [Fact]
    public void A_state_of_one_generation_is_no_mix()
    {
        Generations.Of(State(left: 7, right: 7, mover: 7), out var mixes).ShouldBe(new Dictionary<string, int> { ["t1"] = 7 });
        mixes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(6, 7, 7)]
    [InlineData(7, 6, 7)]
    [InlineData(7, 7, 6)]
    [InlineData(7, null, 7)]
    [InlineData(null, 7, 7)]
    [InlineData(7, 7, null)]
    public void A_part_of_another_generation_or_none_is_seen(int? left, int? right, int? mover)
    {
        Generations.Of(State(left, right, mover), out var mixes);

        mixes.ShouldHaveSingleItem().ShouldStartWith("tenant t1");
    }

    private static AgentState State(int? left, int? right, int? mover)
    {
        var resources = new List<HeldResource>();
        if (left is { } one)
        {
            resources.Add(Rules("left", Block(one)));
        }

        if (right is { } other)
        {
            resources.Add(Rules("right", Block(other), new Peer { Group = "movers" }));
        }

        resources.Add(new HeldResource(ResourceKind.Group, "movers", ByteString.Empty, mover is { } member ? [Address(member)] : []));
        return AgentState.Empty with { Resources = AgentState.Empty.Resources.AddRange(resources.Select(r => KeyValuePair.Create((r.Kind, r.Name), r))) };
    }

    private static HeldResource Rules(string side, params Peer[] peers)
    {
        var head = new PolicyRulesHead { Policy = $"tenants/t1/policies/{side}", Ingress = { new Rule { Matches = { new Match { Peers = { peers } } } } } };
        return new HeldResource(ResourceKind.PolicyRules, side, head.ToByteString(), []);
    }

    private static Peer Block(int generation) => new() { Block = new Block { Cidr = Address(generation) } };

    private static ByteString Address(int generation)
    {
        var bytes = new byte[17];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), generation);
        bytes[16] = 128;
        return ByteString.CopyFrom(bytes);
    }
}
