using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Policies.Compilation;

/// <summary>
/// Which of many selectors pick which of many label sets, known both ways at any time. A pair is evaluated at most once, when the later of the two
/// comes, and only if they share a term that the selector cannot do without: one hangs each selector below its rarest such term, its anchor.
/// </summary>
internal sealed class SelectorIndex<TPicker, TPicked>
    where TPicker : notnull
    where TPicked : notnull
{
    private readonly Dictionary<TPicker, Picker> _pickers = [];
    private readonly Dictionary<TPicked, Picked> _picked = [];
    private readonly Dictionary<Term, Bucket> _buckets = [];
    private readonly HashSet<TPicker> _unanchored = [];

    /// <summary>How many pairs were evaluated since the index was made: the measure of its work.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Answers what the selector picks, as a view that stays true.</summary>
    public IReadOnlySet<TPicked> AddPicker(TPicker key, EndpointQuery query)
    {
        var picker = new Picker(query, AnchorOf(query));
        _pickers.Add(key, picker);
        foreach (var term in picker.Anchor)
        {
            BucketOf(term).Pickers.Add(key);
        }

        if (picker.Anchor.IsEmpty)
        {
            _unanchored.Add(key);
        }

        var candidates = picker.Anchor.IsEmpty ? _picked.Keys : picker.Anchor.SelectMany(term => _buckets[term].Picked);
        foreach (var candidate in candidates)
        {
            Evaluate(key, picker, candidate, _picked[candidate]);
        }

        return picker.Picks;
    }

    /// <summary>Answers what the selector picked.</summary>
    public IReadOnlySet<TPicked> RemovePicker(TPicker key)
    {
        if (!_pickers.Remove(key, out var picker))
        {
            return new HashSet<TPicked>();
        }

        foreach (var picked in picker.Picks)
        {
            _picked[picked].Pickers.Remove(key);
        }

        foreach (var term in picker.Anchor)
        {
            _buckets[term].Pickers.Remove(key);
            DropIfEmpty(term);
        }

        _unanchored.Remove(key);
        return picker.Picks;
    }

    /// <summary>Answers the selectors that pick it, as a view that stays true.</summary>
    public IReadOnlySet<TPicker> AddPicked(TPicked key, LabelSet labels, ImmutableArray<SegmentName> segments)
    {
        var picked = new Picked(labels, segments);
        _picked.Add(key, picked);
        foreach (var candidate in _unanchored)
        {
            Evaluate(candidate, _pickers[candidate], key, picked);
        }

        foreach (var term in picked.Terms)
        {
            var bucket = BucketOf(term);
            bucket.Picked.Add(key);
            foreach (var candidate in bucket.Pickers)
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
            _buckets[term].Picked.Remove(key);
            DropIfEmpty(term);
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
    /// Terms of which a label set must have one to be picked: the values of an In requirement, or the segments. Among several such, the one that is
    /// rarest now: "app=web" rather than "env=production", which half of all label sets have.
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

    private int Crowd(Term term) => _buckets.TryGetValue(term, out var bucket) ? bucket.Pickers.Count + bucket.Picked.Count : 0;

    private Bucket BucketOf(Term term)
    {
        if (!_buckets.TryGetValue(term, out var bucket))
        {
            _buckets.Add(term, bucket = new Bucket());
        }

        return bucket;
    }

    private void DropIfEmpty(Term term)
    {
        if (Crowd(term) == 0)
        {
            _buckets.Remove(term);
        }
    }

    /// <summary>A label (key and value), or a segment (<see cref="Key"/> null).</summary>
    private readonly record struct Term(string? Key, string Value)
    {
        public static Term Of(SegmentName segment) => new(null, segment.Value);
    }

    private sealed class Bucket
    {
        public HashSet<TPicker> Pickers { get; } = [];

        public HashSet<TPicked> Picked { get; } = [];
    }

    private sealed class Picker(EndpointQuery query, ImmutableArray<Term> anchor)
    {
        public EndpointQuery Query { get; } = query;

        public ImmutableArray<Term> Anchor { get; } = anchor;

        public HashSet<TPicked> Picks { get; } = [];
    }

    private sealed class Picked(LabelSet labels, ImmutableArray<SegmentName> segments)
    {
        public LabelSet Labels { get; } = labels;

        public ImmutableArray<SegmentName> Segments { get; } = segments;

        public HashSet<TPicker> Pickers { get; } = [];

        public IEnumerable<Term> Terms => Labels.Select(label => new Term(label.Key, label.Value)).Concat(Segments.Select(Term.Of));
    }
}
