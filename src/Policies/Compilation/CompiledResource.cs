using System.Collections.Immutable;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>
/// One resource that the compiler keeps. It holds no entries of its own: they are read off the objects that stand behind it, so that
/// 100,000 endpoints are not kept once more for each group that they are in.
/// </summary>
internal abstract class CompiledResource(ResourceKey key)
{
    public ResourceKey Key { get; } = key;

    /// <summary>What the batch that is under way does to it; null: nothing. Of the <see cref="DeltaBook"/> alone.</summary>
    public DeltaPage? Page { get; set; }

    public abstract ResourceHead Head { get; }

    /// <summary>All entries as they are now, each once.</summary>
    public abstract ImmutableArray<ResourceEntry> Entries { get; }

    /// <summary>
    /// How many objects stand behind <paramref name="entry"/> now, of which <paramref name="gained"/> (or, if negative, lost) came since
    /// the batch began. Where an entry has at most one, the gain alone tells.
    /// </summary>
    public virtual int Behind(ResourceEntry entry, int gained) => Math.Max(gained, 0);

    /// <summary>The delta that makes this resource from nothing.</summary>
    public ResourceDelta Whole() => new(Key, Head, Entries, []);
}
