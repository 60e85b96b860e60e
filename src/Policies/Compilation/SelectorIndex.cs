using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>
/// Which of many selectors pick which of many label sets, known both ways at any time. A pair is evaluated at most once, when the later of
/// the two comes, and only if they share a term that the selector cannot do without: each selector hangs below its rarest such term, its
/// anchor.
/// </summary>
internal sealed class SelectorIndex<TPicker, TPicked>
    where TPicker : notnull
    where TPicked : notnull
{
    private readonly Dictionary<TPicker, Picker> _pickers = [];
    private readonly Dictionary<TPicked, Picked> _picked = [];
    private readonly SetsByKey<Term, TPicker> _pickersByAnchor = new();
    private readonly SetsByKey<Term, TPicked> _pickedByTerm = new();
    private readonly HashSet<TPicker> _unanchored = [];

    /// <summary>How many pairs were evaluated since the index was made: the measure of its work.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Answers what the selector picks, as a view that stays true.</summary>
    public IReadOnlyCollection<TPicked> AddPicker(TPicker key, EndpointQuery query)
    {
        var picker = new Picker(query, AnchorOf(query));
        _pickers.Add(key, picker);
        if (picker.Anchor.IsEmpty)
        {
            _unanchored.Add(key);
            foreach (var (candidate, picked) in _picked)
            {
                Evaluate(key, picker, candidate, picked);
            }
        }

        foreach (var term in picker.Anchor)
        {
            _pickersByAnchor.Add(term, key);
            foreach (var candidate in _pickedByTerm[term])
            {
                Evaluate(key, picker, candidate, _picked[candidate]);
            }
        }

        return picker.Picks;
    }

    /// <summary>Answers what the selector picked.</summary>
    public IReadOnlyCollection<TPicked> RemovePicker(TPicker key)
    {
        if (!_pickers.Remove(key, out var picker))
        {
            return [];
        }

        foreach (var picked in picker.Picks)
        {
            _picked[picked].Pickers.Remove(key);
        }

        foreach (var term in picker.Anchor)
        {
            _pickersByAnchor.Remove(term, key);
        }

        _unanchored.Remove(key);
        return picker.Picks;
    }

    /// <summary>The selectors that pick it, as a view that stays true; null when it was not added.</summary>
    public IReadOnlyCollection<TPicker>? PickersOf(TPicked key) => _picked.GetValueOrDefault(key)?.Pickers;

    /// <summary>Answers the selectors that pick it, as a view that stays true.</summary>
    public IReadOnlyCollection<TPicker> AddPicked(TPicked key, LabelSet labels, ImmutableArray<SegmentName> segments)
    {
        var picked = new Picked(labels, segments);
        _picked.Add(key, picked);
        foreach (var candidate in _unanchored)
        {
            Evaluate(candidate, _pickers[candidate], key, picked);
        }

        foreach (var term in picked.Terms)
        {
            _pickedByTerm.Add(term, key);
            foreach (var candidate in _pickersByAnchor[term])
            {
                Evaluate(candidate, _pickers[candidate], key, picked);
            }
        }

        return picked.Pickers;
    }

    public void RemovePicked(TPicked key)
    {
        if (!_picked.Remove(key, out var picked))
        {
            return;
        }

        foreach (var picker in picked.Pickers)
        {
            _pickers[picker].Picks.Remove(key);
        }

        foreach (var term in picked.Terms)
        {
            _pickedByTerm.Remove(term, key);
        }
    }

    private void Evaluate(TPicker pickerKey, Picker picker, TPicked pickedKey, Picked picked)
    {
        Evaluations++;
        var query = picker.Query;
        if ((query.Segments.IsEmpty || query.Segments.Any(s => picked.Segments.Contains(s))) && query.Selector.Matches(picked.Labels))
        {
            picker.Picks.Add(pickedKey);
            picked.Pickers.Add(pickerKey);
        }
    }

    /// <summary>
    /// Terms of which a label set must have one to be picked: the values of an In requirement, or the segments. Among several such, the one
    /// that is rarest now: "app=web" rather than "env=production", which half of all label sets have.
    /// </summary>
    private ImmutableArray<Term> AnchorOf(EndpointQuery query)
    {
        var choices = query.Selector.Requirements
            .Where(r => r.Operator == LabelOperator.In)
            .Select(r => r.Values.Select(value => new Term(r.Key, value)).ToImmutableArray())
            .ToList();
        if (!query.Segments.IsEmpty)
        {
            choices.Add([.. query.Segments.Select(Term.Of)]);
        }

        return choices.Count == 0 ? [] : choices.MinBy(terms => terms.Sum(Crowd));
    }

    private int Crowd(Term term) => _pickersByAnchor[term].Count + _pickedByTerm[term].Count;

    /// <summary>A label (key and value), or a segment (<see cref="Key"/> null).</summary>
    private readonly record struct Term(string? Key, string Value)
    {
        public static Term Of(SegmentName segment) => new(null, segment.Value);
    }

    private sealed class Picker(EndpointQuery query, ImmutableArray<Term> anchor)
    {
        public EndpointQuery Query { get; } = query;

        public ImmutableArray<Term> Anchor { get; } = anchor;

        public FewSet<TPicked> Picks { get; } = new();
    }

    private sealed class Picked(LabelSet labels, ImmutableArray<SegmentName> segments)
    {
        public LabelSet Labels { get; } = labels;

        public ImmutableArray<SegmentName> Segments { get; } = segments;

        public FewSet<TPicker> Pickers { get; } = new();

        public IEnumerable<Term> Terms => Labels.Select(label => new Term(label.Key, label.Value)).Concat(Segments.Select(Term.Of));
    }
}
