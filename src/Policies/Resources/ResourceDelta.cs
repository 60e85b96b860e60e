using System.Collections.Immutable;

namespace Vallum.Policies.Resources;

/// <summary>
/// What became of one resource. <see cref="Head"/> null: the head stays as it is; it is never null for a resource that is new.
/// <see cref="Gone"/>: the resource is no more, and the other parts are empty. Entries are added that were not there and removed that were.
/// </summary>
public sealed record ResourceDelta(
    ResourceKey Key,
    ResourceHead? Head,
    ImmutableArray<ResourceEntry> Added,
    ImmutableArray<ResourceEntry> Removed,
    bool Gone = false)
{
    public static ResourceDelta Remove(ResourceKey key) => new(key, null, [], [], Gone: true);
}

/// <summary>A resource whole.</summary>
public sealed record Resource(ResourceKey Key, ResourceHead Head, ImmutableHashSet<ResourceEntry> Entries)
{
    /// <summary>The resource after a delta; null when it is gone. <paramref name="before"/> null: it was not there.</summary>
    /// <exception cref="InvalidOperationException">The delta does not fit what was there.</exception>
    public static Resource? Apply(Resource? before, ResourceDelta delta)
    {
        if (delta.Gone)
        {
            return before is null ? throw new InvalidOperationException($"{delta.Key} goes, but was not there") : null;
        }

        var entries = (before?.Entries ?? []).ToBuilder();
        foreach (var entry in delta.Removed)
        {
            if (!entries.Remove(entry))
            {
                throw new InvalidOperationException($"{delta.Key} loses {entry}, which it did not hold");
            }
        }

        foreach (var entry in delta.Added)
        {
            if (!entries.Add(entry))
            {
                throw new InvalidOperationException($"{delta.Key} gains {entry}, which it held");
            }
        }

        var head = delta.Head ?? before?.Head ?? throw new InvalidOperationException($"{delta.Key} is new and has no head");
        return new Resource(delta.Key, head, entries.ToImmutable());
    }
}
