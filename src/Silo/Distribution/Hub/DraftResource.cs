using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// What one resource of a tenant is going to be: a change of what is published, folded from any number of deltas, or something whole (null: gone).
/// </summary>
internal sealed class DraftResource
{
    private readonly ResourceContent? _published;
    private readonly FewSet<Entry> _added = new();
    private readonly FewSet<Entry> _removed = new();
    private byte[]? _head;
    private ResourceContent? _whole;
    private bool _isWhole;

    /// <param name="published">The content that the first delta is meant for; null: none.</param>
    public DraftResource(ResourceContent? published)
    {
        _published = published;
        _isWhole = published is null;
    }

    /// <summary>The groups that the draft's policy names; null: those that are published.</summary>
    public ImmutableArray<HubGroup>? Groups { get; set; }

    public bool IsGone => _isWhole && _whole is null;

    /// <summary>The head that it is going to have. Not for what is gone.</summary>
    public byte[] Head => _isWhole ? _whole!.Head : _head ?? _published!.Head;

    public static DraftResource Whole(ResourceContent? published, ResourceContent? whole) => new(published) { _isWhole = true, _whole = whole };

    /// <exception cref="InvalidOperationException">The delta does not fit.</exception>
    public void Fold(CompiledDelta delta)
    {
        if (delta.Gone)
        {
            _isWhole = true;
            _whole = null;
            return;
        }

        if (!_isWhole)
        {
            FoldChange(delta);
        }
        else if (_whole is null)
        {
            _whole = new ResourceContent(
                delta.Head ?? throw new InvalidOperationException($"{delta.Kind} {delta.Name} is new and has no head"),
                delta.Added.Select(b => new Entry(b)));
        }
        else
        {
            _whole.Apply(new ContentDelta(delta.Head, [.. delta.Added.Select(b => new Entry(b))], [.. delta.Removed.Select(b => new Entry(b))]));
        }
    }

    /// <summary>What publishing it means: null when it goes or comes whole; <paramref name="whole"/> is then what comes.</summary>
    public ContentDelta? Change(out ResourceContent? whole)
    {
        whole = _whole;
        if (_published is null || IsGone)
        {
            return null;
        }

        return _isWhole ? ContentDelta.Between(_published, _whole!) : new ContentDelta(_head, [.. _added], [.. _removed]);
    }

    private void FoldChange(CompiledDelta delta)
    {
        _head = delta.Head ?? _head;
        foreach (var entry in delta.Removed.Select(b => new Entry(b)))
        {
            if (!_added.Remove(entry) && !(_published!.Entries.Contains(entry) && _removed.Add(entry)))
            {
                throw new InvalidOperationException($"{delta.Kind} {delta.Name} loses an entry that it did not hold");
            }
        }

        foreach (var entry in delta.Added.Select(b => new Entry(b)))
        {
            if (!_removed.Remove(entry) && !(!_published!.Entries.Contains(entry) && _added.Add(entry)))
            {
                throw new InvalidOperationException($"{delta.Kind} {delta.Name} gains an entry that it held");
            }
        }
    }
}
