using CsCheck;
using Shouldly;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;
using Vallum.Silo.Distribution;
using Vallum.Silo.Distribution.Content;
using Vallum.Silo.Distribution.Hub;
using Xunit;

namespace Vallum.Distribution.Tests.Content;

/// <summary>From any content that the ring remembers, the composed delta leads to the newest; the agent's own words judge.</summary>
public sealed class DeltaRingTests
{
    private static readonly ResourceId Group = ResourceId.Group("g");

    /// <summary>Each change toggles some of a few entries; 0 also changes the head.</summary>
    private static readonly Gen<byte[][]> Histories = Gen.Byte[0, 11].Array[1, 5].Array[1, 90];

    [Fact]
    public void From_any_earlier_content_an_agent_gets_to_the_newest() =>
        Histories.Sample(history =>
        {
            var content = new ResourceContent([], []);
            var resource = new HubResource(Group);
            resource.Replace(content);
            var agents = new List<AgentState> { Send(AgentState.Empty, resource) };
            foreach (var toggles in history)
            {
                Change(resource, toggles);
                agents.Add(Send(AgentState.Empty, resource));
                content.Digest.ShouldBe(agents[^1].Resources.Values.Single().Digest);
            }

            foreach (var agent in agents)
            {
                Send(agent, resource).Digest.ShouldBe(agents[^1].Digest);
            }
        });

    [Fact]
    public void An_agent_that_holds_the_newest_content_gets_nothing()
    {
        var content = new ResourceContent([1], [new Entry([1, 2])]);
        var resource = new HubResource(Group);
        resource.Replace(content);

        resource.From(content.Digest).ShouldBeNull();
        resource.From(null)!.IsWhole.ShouldBeTrue();
    }

    [Fact]
    public void A_small_change_of_a_large_content_is_a_delta_and_made_once()
    {
        var resource = Large(1000);
        var before = resource.Content!.Digest;
        Change(resource, [0, 0, 3]);

        var delta = resource.From(before)!;
        delta.IsWhole.ShouldBeFalse();
        delta.Bytes.ShouldBeLessThan(200);
        resource.From(before).ShouldBeSameAs(delta);
    }

    [Fact]
    public void A_content_that_the_ring_has_forgotten_is_answered_whole()
    {
        var resource = Large(1000);
        var before = resource.Content!.Digest;
        for (var i = 0; i <= DeltaRing.MaxSteps; i++)
        {
            Change(resource, [(byte)(i % 12)]);
        }

        resource.From(before)!.IsWhole.ShouldBeTrue();
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(10)]
    public void A_content_of_any_size_arrives_in_messages_that_a_client_takes(int entries)
    {
        var resource = Large(entries);
        var whole = resource.From(null)!;

        whole.Messages.ShouldAllBe(m => m.Bytes < 1_000_000);
        var agent = Send(AgentState.Empty, resource);
        agent.Resources.Values.Single().Entries.Count.ShouldBe(entries);

        var before = resource.Content!.Digest;
        var many = new ContentDelta([7], [.. Enumerable.Range(1_000_000, entries / 2).Select(Member)], [.. Enumerable.Range(0, entries / 3).Select(Member)]);
        resource.Content.Apply(many);
        resource.Changed(before, many);
        resource.From(before)!.IsWhole.ShouldBeFalse();
        Send(agent, resource).Resources.Values.Single().Digest.ShouldBe(resource.Content.Digest);
    }

    private static HubResource Large(int entries)
    {
        var resource = new HubResource(Group);
        resource.Replace(new ResourceContent([], Enumerable.Range(0, entries).Select(Member)));
        return resource;
    }

    private static Entry Member(int i) => new([(byte)(i >> 24), (byte)(i >> 16), (byte)(i >> 8), (byte)i, 32]);

    private static void Change(HubResource resource, byte[] toggles)
    {
        var content = resource.Content!;
        var entries = toggles.Where(t => t > 0).Distinct().Select(t => new Entry([t, 99])).ToArray();
        var delta = new ContentDelta(
            toggles.Contains((byte)0) ? [(byte)content.Entries.Count, (byte)toggles.Length] : null,
            [.. entries.Where(e => !content.Entries.Contains(e))],
            [.. entries.Where(e => content.Entries.Contains(e))]);
        if (delta.IsEmpty)
        {
            return;
        }

        var before = content.Digest;
        content.Apply(delta);
        resource.Changed(before, delta);
    }

    private static AgentState Send(AgentState agent, HubResource resource)
    {
        var held = agent.Resources.Values.SingleOrDefault()?.Digest;
        if (resource.From(held) is not { } encoded)
        {
            return agent;
        }

        var next = agent.Apply([new Update { Resources = { encoded.Messages.Select(m => m.Message) } }], out var mismatched);
        mismatched.ShouldBeEmpty();
        next.Resources.Values.Single().Digest.ShouldBe(encoded.Digest);
        return next;
    }
}
