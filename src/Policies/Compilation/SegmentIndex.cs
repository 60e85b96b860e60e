using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Policies.Compilation;

/// <summary>
/// Which segments an endpoint is in: its home, and those whose selector picks its labels. Few tenants have a segment that picks, and
/// without one there is nothing to keep.
/// </summary>
internal sealed class SegmentIndex
{
    private readonly Dictionary<SegmentName, Selector> _picks = [];
    private SelectorIndex<SegmentName, LabelSet>? _index;

    public long Evaluations => _index?.Evaluations ?? 0;

    /// <summary>Sorted and unique. The label set is known from now on, until it is forgotten.</summary>
    public ImmutableArray<SegmentName> SegmentsOf(SegmentName home, LabelSet labels)
    {
        var pickers = _index?.PickersOf(labels) ?? _index?.AddPicked(labels, labels, []);
        return pickers is null or { Count: 0 } ? [home] : [.. pickers.Append(home).Distinct().Order()];
    }

    public void Forget(LabelSet labels) => _index?.RemovePicked(labels);

    /// <summary>
    /// From now on the segment picks by <paramref name="picks"/>, or nothing if that is null. Answers which of <paramref name="inUse"/>
    /// came or went by it; these must be all label sets that endpoints have.
    /// </summary>
    public IReadOnlyCollection<LabelSet> Put(SegmentName segment, Selector? picks, IEnumerable<LabelSet> inUse)
    {
        if (Equals(_picks.GetValueOrDefault(segment), picks))
        {
            return [];
        }

        var index = _index ??= IndexOf(inUse);
        var moved = new HashSet<LabelSet>();
        if (_picks.Remove(segment))
        {
            moved.UnionWith(index.RemovePicker(segment));
        }

        if (picks is not null)
        {
            _picks.Add(segment, picks);
            moved.SymmetricExceptWith(index.AddPicker(segment, new EndpointQuery(picks)));
        }

        return moved;
    }

    private static SelectorIndex<SegmentName, LabelSet> IndexOf(IEnumerable<LabelSet> inUse)
    {
        var index = new SelectorIndex<SegmentName, LabelSet>();
        foreach (var labels in inUse)
        {
            index.AddPicked(labels, labels, []);
        }

        return index;
    }
}
