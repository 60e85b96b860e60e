using System.Collections.Immutable;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>
/// Collects what happens to resources during a batch and answers the net difference. What is gained and lost again within the batch, in any
/// order, leaves no trace. Laws for those who write into it: a resource is born at most once in a batch, and dies only when no more will be
/// written.
/// </summary>
internal sealed class DeltaBook
{
    private const int MostIdle = 8;

    private readonly List<CompiledResource> _touched = [];

    /// <summary>
    /// From here on the resource is told whole when the book is closed; what it gains and loses meanwhile does not matter.
    /// </summary>
    public void Born(CompiledResource resource) => PageOf(resource).IsNew = true;

    public void Dies(CompiledResource resource) => PageOf(resource).IsGone = true;

    /// <summary>To be told before a head is replaced.</summary>
    public void HeadWas(CompiledResource resource, ResourceHead head) => PageOf(resource).HeadBefore ??= head;

    public void Gains(CompiledResource resource, params ImmutableArray<ResourceEntry> entries) => Moves(resource, entries, 1);

    public void Loses(CompiledResource resource, params ImmutableArray<ResourceEntry> entries) => Moves(resource, entries, -1);

    /// <summary>The net difference since the book was last closed.</summary>
    public ImmutableArray<ResourceDelta> Close()
    {
        var deltas = ImmutableArray.CreateBuilder<ResourceDelta>();
        foreach (var resource in _touched)
        {
            if (Difference(resource, resource.Page!) is { } delta)
            {
                deltas.Add(delta);
            }

            resource.Page = null;
        }

        _touched.Clear();
        if (_touched.Capacity > MostIdle)
        {
            // The first batch of a tenant is all that it has; single changes touch a few.
            _touched.TrimExcess();
        }

        return deltas.DrainToImmutable();
    }

    private static ResourceDelta? Difference(CompiledResource resource, DeltaPage page)
    {
        if (page.IsGone)
        {
            return page.IsNew ? null : ResourceDelta.Remove(resource.Key);
        }

        if (page.IsNew)
        {
            return resource.Whole();
        }

        var added = ImmutableArray.CreateBuilder<ResourceEntry>();
        var removed = ImmutableArray.CreateBuilder<ResourceEntry>();
        foreach (var (entry, gained) in page.Gained)
        {
            var after = resource.Behind(entry, gained);
            var before = after - gained;
            if (before <= 0 && after > 0)
            {
                added.Add(entry);
            }
            else if (before > 0 && after <= 0)
            {
                removed.Add(entry);
            }
        }

        var head = page.HeadBefore is null || page.HeadBefore.Equals(resource.Head) ? null : resource.Head;
        return head is null && added.Count == 0 && removed.Count == 0
            ? null
            : new ResourceDelta(resource.Key, head, added.DrainToImmutable(), removed.DrainToImmutable());
    }

    private void Moves(CompiledResource resource, ImmutableArray<ResourceEntry> entries, int by)
    {
        var page = PageOf(resource);
        if (page.IsNew)
        {
            return;
        }

        foreach (var entry in entries)
        {
            var gained = page.Gained.GetValueOrDefault(entry) + by;
            if (gained == 0)
            {
                page.Gained.Remove(entry);
            }
            else
            {
                page.Gained[entry] = gained;
            }
        }
    }

    private DeltaPage PageOf(CompiledResource resource)
    {
        if (resource.Page is { } page)
        {
            return page;
        }

        _touched.Add(resource);
        return resource.Page = new DeltaPage();
    }
}

/// <summary>What a batch does to one resource.</summary>
internal sealed class DeltaPage
{
    public bool IsNew { get; set; }

    public bool IsGone { get; set; }

    public ResourceHead? HeadBefore { get; set; }

    /// <summary>Entry → how many more objects stand behind it than when the batch began; never 0. Made at the first one.</summary>
    public Dictionary<ResourceEntry, int> Gained => field ??= [];
}
