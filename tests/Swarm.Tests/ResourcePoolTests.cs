using Google.Protobuf;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;
using Vallum.Swarm.Held;

namespace Vallum.Swarm.Tests;

public sealed class ResourcePoolTests
{
    private static readonly ByteString One = ByteString.CopyFrom(10, 0, 0, 1, 32);
    private static readonly ByteString Two = ByteString.CopyFrom(10, 0, 0, 2, 32);

    private readonly ResourcePool _pool = new();

    [Fact]
    public void Agents_that_get_the_same_bytes_hold_the_same_object()
    {
        var first = _pool.Take(Whole(One).ToByteArray(), _ => null);
        var second = _pool.Take(Whole(One).ToByteArray(), _ => null);

        first.After.ShouldNotBeNull();
        second.After.ShouldBeSameAs(first.After);
    }

    [Fact]
    public void Whoever_gets_there_by_differences_holds_the_same_object_too()
    {
        var before = _pool.Take(Whole(One).ToByteArray(), _ => null).After!;
        var whole = _pool.Take(Whole(One, Two).ToByteArray(), _ => null).After;
        var difference = new Resource { Kind = ResourceKind.Group, Name = "g", Digest = DigestOf(One, Two), Delta = new Delta { BaseDigest = DigestOf(One), Added = { Two } } };

        _pool.Take(difference.ToByteArray(), _ => before).After.ShouldBeSameAs(whole);
    }

    [Fact]
    public void A_difference_fits_its_base_only()
    {
        var before = _pool.Take(Whole(Two).ToByteArray(), _ => null).After!;
        var difference = new Resource { Kind = ResourceKind.Group, Name = "g", Digest = DigestOf(One, Two), Delta = new Delta { BaseDigest = DigestOf(One), Added = { Two } } };

        _pool.Take(difference.ToByteArray(), _ => before).After.ShouldBeNull();
        _pool.Take(difference.ToByteArray(), _ => null).After.ShouldBeNull();
    }

    [Fact]
    public void A_promise_of_another_digest_is_noticed()
    {
        var wrong = Whole(One);
        wrong.Digest = DigestOf(Two);

        _pool.Take(wrong.ToByteArray(), _ => null).After.ShouldBeNull();
    }

    [Fact]
    public void The_digest_over_everything_follows_what_is_held()
    {
        var state = new HeldState();
        state.Stage(new ResourceKey(ResourceKind.Group, "g"), _pool.Take(Whole(One).ToByteArray(), _ => null).After);
        state.Commit();
        state.Digest.ShouldBe(state.ToAgentState().Digest);

        state.Stage(new ResourceKey(ResourceKind.Group, "g"), null);
        state.Commit();
        state.Digest.ShouldBe(Digest.Empty);
        state.Resources.ShouldBeEmpty();
    }

    private static Resource Whole(params ByteString[] entries) => new() { Kind = ResourceKind.Group, Name = "g", Digest = DigestOf(entries), Whole = new Whole { Entries = { entries } } };

    private static ByteString DigestOf(params ByteString[] entries) =>
        ByteString.CopyFrom(new HeldResource(ResourceKind.Group, "g", ByteString.Empty, [.. entries]).Digest.ToBytes());
}
