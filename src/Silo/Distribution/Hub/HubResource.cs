using Vallum.Primitives;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// One resource as this silo sends it: its content, what it refers to, its last changes, and the messages that were made of it, shared by all streams.
/// Not there while <see cref="Content"/> is null: then somebody refers to it, and it may come.
/// </summary>
internal sealed class HubResource(ResourceId id)
{
    private static readonly IReadOnlyCollection<ResourceId> Nothing = [];

    private readonly DeltaRing _ring = new();
    private readonly Dictionary<Digest, EncodedResource> _deltas = [];
    private Dictionary<ResourceId, int> _references = [];
    private EncodedResource? _whole;

    public ResourceId Id => id;

    public ResourceContent? Content { get; private set; }

    /// <summary>The nodes in whose span it is.</summary>
    public HashSet<ServedNode> Watchers { get; } = [];

    public IReadOnlyCollection<ResourceId> References => _references.Keys;

    /// <summary>It comes, is replaced by a content of unknown ancestry, or (null) goes.</summary>
    public ReferenceChange Replace(ResourceContent? content, IEnumerable<ResourceId>? references = null)
    {
        var before = _references;
        Content = content;
        _ring.Clear();
        Forget();
        _references = [];
        foreach (var reference in references ?? content?.Entries.Select(e => ResourceReferences.Of(id.Kind, e)).OfType<ResourceId>() ?? [])
        {
            _references[reference] = _references.GetValueOrDefault(reference) + 1;
        }

        return new ReferenceChange(
            [.. _references.Keys.Where(r => !before.ContainsKey(r))],
            [.. before.Keys.Where(r => !_references.ContainsKey(r))]);
    }

    /// <summary>Its content was changed by <paramref name="delta"/>, from <paramref name="before"/> on.</summary>
    /// <param name="references">All of them, where they do not come from entries; null: those of the entries.</param>
    public ReferenceChange Changed(Digest before, ContentDelta delta, IEnumerable<ResourceId>? references = null)
    {
        _ring.Push(before, delta, Content!.Entries.Count);
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

        if (held is { } from && (_deltas.GetValueOrDefault(from) ?? DeltaFrom(from, content)) is { } delta)
        {
            return delta;
        }

        return _whole ??= EncodedResource.Whole(id, content);
    }

    private EncodedResource? DeltaFrom(Digest held, ResourceContent content)
    {
        // A delta with as many entries as the content has saves nothing.
        if (_ring.Since(held) is not { } delta || (content.Entries.Count > 0 && delta.Count > content.Entries.Count))
        {
            return null;
        }

        var encoded = EncodedResource.Delta(id, held, delta, content.Digest);
        _deltas[held] = encoded;
        return encoded;
    }

    private void Forget()
    {
        _deltas.Clear();
        _whole = null;
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
            if (ResourceReferences.Of(id.Kind, entry) is { } reference)
            {
                var count = _references.GetValueOrDefault(reference);
                _references[reference] = count + 1;
                if (count == 0)
                {
                    gained.Add(reference);
                }
            }
        }

        foreach (var entry in delta.Removed)
        {
            if (ResourceReferences.Of(id.Kind, entry) is { } reference && --_references[reference] == 0)
            {
                _references.Remove(reference);
                if (!gained.Remove(reference))
                {
                    lost.Add(reference);
                }
            }
        }

        return new ReferenceChange(gained, lost);
    }

    private ReferenceChange Follow(IEnumerable<ResourceId> references)
    {
        var before = _references;
        _references = references.Distinct().ToDictionary(r => r, _ => 1);
        return new ReferenceChange(
            _references.Count == 0 ? Nothing : [.. _references.Keys.Where(r => !before.ContainsKey(r))],
            [.. before.Keys.Where(r => !_references.ContainsKey(r))]);
    }
}

/// <summary>References that a resource gained and lost with one change.</summary>
internal readonly record struct ReferenceChange(IReadOnlyCollection<ResourceId> Gained, IReadOnlyCollection<ResourceId> Lost)
{
    public static readonly ReferenceChange None = new([], []);
}
