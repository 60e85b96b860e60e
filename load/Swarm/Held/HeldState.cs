using System.Collections.Immutable;
using Vallum.Agents;
using Vallum.Primitives;

namespace Vallum.Swarm.Held;

/// <summary>All that one agent holds: references to shared contents, in order, and the digest over them. An update changes it whole or not at all.</summary>
public sealed class HeldState
{
    private SharedResource[] _resources = [];
    private Dictionary<ResourceKey, SharedResource?>? _staged;

    public Digest Digest { get; private set; }

    public IReadOnlyList<SharedResource> Resources => _resources;

    /// <summary>With what the update so far has made of it.</summary>
    public SharedResource? Find(ResourceKey key)
    {
        if (_staged is not null && _staged.TryGetValue(key, out var staged))
        {
            return staged;
        }

        var place = PlaceOf(key);
        return place < 0 ? null : _resources[place];
    }

    /// <param name="content">Null: it goes.</param>
    public void Stage(ResourceKey key, SharedResource? content) => (_staged ??= [])[key] = content;

    /// <summary>The digest over everything held with what is staged.</summary>
    public Digest StagedDigest()
    {
        var digest = Digest;
        foreach (var (key, content) in _staged ?? [])
        {
            var place = PlaceOf(key);
            digest = digest - (place < 0 ? Digest.Empty : _resources[place].InAll) + (content?.InAll ?? Digest.Empty);
        }

        return digest;
    }

    public void Commit()
    {
        Digest = StagedDigest();
        var others = new List<(ResourceKey Key, SharedResource? Content)>();
        foreach (var (key, content) in _staged ?? [])
        {
            var place = PlaceOf(key);
            if (place >= 0 && content is not null)
            {
                _resources[place] = content;
            }
            else if (place >= 0 || content is not null)
            {
                others.Add((key, content));
            }
        }

        if (others.Count > 0)
        {
            var gone = others.Where(change => change.Content is null).Select(change => change.Key).ToHashSet();
            _resources = [.. _resources.Where(resource => !gone.Contains(resource.Key)).Concat(others.Select(change => change.Content).OfType<SharedResource>()).OrderBy(resource => resource.Key)];
        }

        _staged = null;
    }

    public void Abandon() => _staged = null;

    /// <summary>As a machine that was made anew.</summary>
    public void Forget() => (_resources, _staged, Digest) = ([], null, Digest.Empty);

    /// <summary>The same as an agent of tests would hold it; digests and references are then computed from scratch.</summary>
    public AgentState ToAgentState() => new(_resources.ToImmutableDictionary(resource => (resource.Key.Kind, resource.Key.Name), resource => resource.ToHeld()));

    private int PlaceOf(ResourceKey key)
    {
        var (low, high) = (0, _resources.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = _resources[middle].Key.CompareTo(key);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}
