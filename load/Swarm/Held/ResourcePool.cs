using System.Collections.Concurrent;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.Swarm.Held;

/// <summary>
/// The contents that agents hold, each once. The first agent that gets a resource reads it, applies it and checks its digest; for others with the same bytes
/// (told by their digest) and the same content before, the outcome is known. What nobody has asked for through two generations is forgotten; what agents hold
/// they keep alive themselves.
/// </summary>
public sealed class ResourcePool
{
    private const int Generation = 16 * 1024;

    private readonly ConcurrentDictionary<(ResourceKey Key, Digest Digest), WeakReference<SharedResource>> _contents = [];
    private readonly Lock _gate = new();
    private Dictionary<Digest, Step> _young = [];
    private Dictionary<Digest, Step> _old = [];

    /// <summary>Contents that are alive, or were when they were last counted.</summary>
    public int Count => _contents.Count;

    /// <param name="message">A Resource of agent.proto.</param>
    /// <param name="held">What the agent holds of that name.</param>
    public Step Take(ReadOnlySpan<byte> message, Func<ResourceKey, SharedResource?> held)
    {
        var bytes = Digest.Of(message);
        var known = Find(bytes);
        if (known is not null && (known.Before is null || known.Before == held(known.Key)))
        {
            return known;
        }

        var step = Apply(Resource.Parser.ParseFrom(message), held);
        Keep(bytes, step);
        return step;
    }

    private Step Apply(Resource message, Func<ResourceKey, SharedResource?> held)
    {
        var key = new ResourceKey(message.Kind, message.Name);
        if (message.Whole is { } whole)
        {
            var content = SharedResource.Whole(key, whole.Head, whole.Entries);
            return new Step(key, null, Checked(content, message), [.. whole.Entries], []);
        }

        var delta = message.Delta;
        var before = held(key);
        var fits = before is not null && delta is not null && before.Digest == Digest.FromBytes(delta.BaseDigest.Span);
        var after = fits ? before!.With(delta!.HasHead ? delta.Head : null, delta.Added, delta.Removed) : null;
        return new Step(key, before, Checked(after, message), [.. delta?.Added ?? []], [.. delta?.Removed ?? []]);
    }

    private SharedResource? Checked(SharedResource? content, Resource message) =>
        content is not null && content.Digest == Digest.FromBytes(message.Digest.Span) ? Shared(content) : null;

    /// <summary>The one that others hold already, if they do.</summary>
    private SharedResource Shared(SharedResource content)
    {
        while (true)
        {
            var reference = _contents.GetOrAdd((content.Key, content.Digest), _ => new WeakReference<SharedResource>(content));
            if (reference.TryGetTarget(out var shared))
            {
                return shared;
            }

            _contents.TryRemove(KeyValuePair.Create((content.Key, content.Digest), reference));
        }
    }

    private Step? Find(Digest bytes)
    {
        lock (_gate)
        {
            return _young.GetValueOrDefault(bytes) ?? _old.GetValueOrDefault(bytes);
        }
    }

    private void Keep(Digest bytes, Step step)
    {
        lock (_gate)
        {
            _young[bytes] = step;
            if (_young.Count < Generation)
            {
                return;
            }

            (_old, _young) = (_young, []);
        }

        foreach (var (key, reference) in _contents)
        {
            if (!reference.TryGetTarget(out _))
            {
                _contents.TryRemove(KeyValuePair.Create(key, reference));
            }
        }
    }
}
