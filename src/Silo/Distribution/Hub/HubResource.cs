using Vallum.Primitives;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// One resource as this silo sends it: its content, what it refers to, its last changes, and the messages that were made of it, shared by all streams.
/// Not there while <see cref="Content"/> is null: then somebody refers to it, and it may come.
/// </summary>
internal sealed class HubResource(ResourceId id)
{
    private static readonly ReferenceCounts Nothing = new();

    // Most resources never change, and nobody asks for a difference of theirs.
    private DeltaRing? _ring;
    private Dictionary<Digest, EncodedResource>? _deltas;
    private ReferenceCounts _references = Nothing;
    private EncodedResource? _whole;

    public ResourceId Id => id;

    public ResourceContent? Content { get; private set; }

    /// <summary>The nodes in whose span it is.</summary>
    public FewSet<ServedNode> Watchers { get; } = new();

    public IEnumerable<ResourceId> References => _references.Ids;

    /// <summary>It comes, is replaced by a content of unknown ancestry, or (null) goes.</summary>
    public ReferenceChange Replace(ResourceContent? content, IEnumerable<ResourceId>? references = null)
    {
        var before = _references;
        Content = content;
        _ring = null;
        Forget();
        _references = Nothing;
        foreach (var reference in references ?? (content is null ? [] : ResourceReferences.Of(id.Kind, content.Entries)))
        {
            Refer(reference);
        }

        return Between(before, _references);
    }

    /// <summary>Its content was changed by <paramref name="delta"/>, from <paramref name="before"/> on.</summary>
    /// <param name="references">All of them, where they do not come from entries; null: those of the entries.</param>
    public ReferenceChange Changed(Digest before, ContentDelta delta, IEnumerable<ResourceId>? references = null)
    {
        (_ring ??= new DeltaRing()).Push(before, delta, Content!.Entries.Count);
        Forget();
        return references is null ? Follow(delta) : Follow(references);
    }

    /// <summary>What an agent needs that holds content <paramref name="held"/> (null: none, or an unknown one). Null: nothing.</summary>
    public EncodedResource? From(Digest? held)
    {
        if (Content is not { } content || held == content.Digest)
        {
            return null;
        }

        if (held is { } from && (_deltas?.GetValueOrDefault(from) ?? DeltaFrom(from, content)) is { } delta)
        {
            return delta;
        }

        return _whole ??= EncodedResource.Whole(id, content);
    }

    private EncodedResource? DeltaFrom(Digest held, ResourceContent content)
    {
        // A delta with as many entries as the content has saves nothing.
        if (_ring?.Since(held) is not { } delta || (content.Entries.Count > 0 && delta.Count > content.Entries.Count))
        {
            return null;
        }

        var encoded = EncodedResource.Delta(id, held, delta, content.Digest);
        (_deltas ??= [])[held] = encoded;
        return encoded;
    }

    private void Forget()
    {
        (_deltas, _whole) = (null, null);
    }

    private ReferenceChange Follow(ContentDelta delta)
    {
        if (id.Kind is not (Contracts.Agent.V1.ResourceKind.Binding or Contracts.Agent.V1.ResourceKind.Profile))
        {
            return ReferenceChange.None;
        }

        var (gained, lost) = (new HashSet<ResourceId>(), new HashSet<ResourceId>());
        foreach (var entry in delta.Added)
        {
            if (ResourceReferences.Of(id.Kind, entry) is { } reference && Refer(reference))
            {
                gained.Add(reference);
            }
        }

        foreach (var entry in delta.Removed)
        {
            if (ResourceReferences.Of(id.Kind, entry) is { } reference && _references.Remove(reference) && !gained.Remove(reference))
            {
                lost.Add(reference);
            }
        }

        return new ReferenceChange(gained, lost);
    }

    private ReferenceChange Follow(IEnumerable<ResourceId> references)
    {
        var before = _references;
        _references = Nothing;
        foreach (var reference in references)
        {
            Refer(reference);
        }

        return Between(before, _references);
    }

    private bool Refer(ResourceId reference)
    {
        if (ReferenceEquals(_references, Nothing))
        {
            _references = new ReferenceCounts();
        }

        return _references.Add(reference);
    }

    private static ReferenceChange Between(ReferenceCounts before, ReferenceCounts after) => new(
        after.Count == 0 ? [] : [.. after.Ids.Where(id => !before.Contains(id))],
        before.Count == 0 ? [] : [.. before.Ids.Where(id => !after.Contains(id))]);
}

/// <summary>References that a resource gained and lost with one change.</summary>
internal readonly record struct ReferenceChange(IReadOnlyCollection<ResourceId> Gained, IReadOnlyCollection<ResourceId> Lost)
{
    public static readonly ReferenceChange None = new([], []);
}
