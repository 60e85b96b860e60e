using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Policies.Compilation;

/// <summary>Which segments an endpoint is in: its home, and those whose selector picks its labels. Knows each label set in use once.</summary>
internal sealed class SegmentIndex
{
    private readonly Dictionary<SegmentName, Selector> _picks = [];
    private readonly SelectorIndex<SegmentName, LabelSet> _index = new();
    private readonly Dictionary<LabelSet, IReadOnlySet<SegmentName>> _pickers = [];

    public long Evaluations => _index.Evaluations;

    /// <summary>Sorted and unique. The label set is known from now on, until it is forgotten.</summary>
    public ImmutableArray<SegmentName> SegmentsOf(SegmentName home, LabelSet labels)
    {
        if (!_pickers.TryGetValue(labels, out var pickers))
        {
            _pickers.Add(labels, pickers = _index.AddPicked(labels, labels, []));
        }

        return pickers.Count == 0 ? [home] : [.. pickers.Append(home).Distinct().Order()];
    }

    public void Forget(LabelSet labels)
    {
        _pickers.Remove(labels);
        _index.RemovePicked(labels);
    }

    /// <summary>
    /// From now on the segment picks by <paramref name="picks"/>, or nothing if that is null. Answers the label sets that came or went by it.
    /// </summary>
    public IReadOnlyCollection<LabelSet> Put(SegmentName segment, Selector? picks)
    {
        if (Equals(_picks.GetValueOrDefault(segment), picks))
        {
            return [];
        }

        var moved = new HashSet<LabelSet>();
        if (_picks.Remove(segment))
        {
            moved.UnionWith(_index.RemovePicker(segment));
        }

        if (picks is not null)
        {
            _picks.Add(segment, picks);
            moved.SymmetricExceptWith(_index.AddPicker(segment, new EndpointQuery(picks)));
        }

        return moved;
    }
}
