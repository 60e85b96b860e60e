using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The blocks with exceptions that a merged set holds, and their exceptions: its edges. An edge may stand in the set as match or as nomatch.
/// </summary>
internal sealed class CutIndex
{
    public static readonly CutIndex Empty = new(
        PersistentDictionary<SetMember, ImmutableDictionary<CutBlock, int>>.Empty, PersistentDictionary<SetMember, Edge>.Empty, ImmutableSortedSet.Create<SetMember>(ByPort.Instance));

    private readonly PersistentDictionary<SetMember, ImmutableDictionary<CutBlock, int>> _blocks;
    private readonly PersistentDictionary<SetMember, Edge> _edges;
    private readonly ImmutableSortedSet<SetMember> _sorted;

    private CutIndex(
        PersistentDictionary<SetMember, ImmutableDictionary<CutBlock, int>> blocks, PersistentDictionary<SetMember, Edge> edges, ImmutableSortedSet<SetMember> sorted)
    {
        _blocks = blocks;
        _edges = edges;
        _sorted = sorted;
    }

    public bool IsEmpty => _blocks.IsEmpty;

    public bool IsEdge(SetMember key) => _edges.ContainsKey(key);

    /// <summary>True: match; null: it is no edge.</summary>
    public bool? StandsAs(SetMember key) => _edges.TryGetValue(key, out var edge) ? edge.Match : null;

    public IEnumerable<CutBlock> BlocksAt(SetMember key) => _blocks.TryGetValue(key, out var there) ? there.Keys : [];

    /// <summary>How many sources have a block with exceptions here.</summary>
    public int CountAt(SetMember key) => _blocks.TryGetValue(key, out var there) ? there.Values.Sum() : 0;

    public IEnumerable<SetMember> EdgesOf(IEnumerable<(SetMember Key, CutBlock Block, int Change)> cut) =>
        cut.SelectMany(c => c.Block.Except.Select(e => c.Key with { Net = e })).Where(IsEdge);

    /// <summary>The edges inside the key's block, of its protocol and port.</summary>
    public IEnumerable<SetMember> EdgesIn(SetMember key)
    {
        // Sorted by base, what is inside a block stands together, and behind it what begins there and is wider.
        var at = _sorted.IndexOf(key);
        for (at = at < 0 ? ~at : at; at < _sorted.Count; at++)
        {
            var edge = _sorted[at];
            if (edge.Protocol != key.Protocol || edge.Port != key.Port || !key.Net.Contains(edge.Net.Base))
            {
                yield break;
            }

            if (key.Net.Contains(edge.Net))
            {
                yield return edge;
            }
        }
    }

    public CutIndex With(IReadOnlyCollection<(SetMember Key, CutBlock Block, int Change)> cut)
    {
        if (cut.Count == 0)
        {
            return this;
        }

        var blocks = _blocks.ToBuilder();
        var edges = _edges.ToBuilder();
        var sorted = _sorted.ToBuilder();
        foreach (var (key, block, change) in cut)
        {
            var there = blocks.TryGetValue(key, out var known) ? known : ImmutableDictionary<CutBlock, int>.Empty;
            var count = there.GetValueOrDefault(block) + change;
            there = count == 0 ? there.Remove(block) : there.SetItem(block, count);
            if (there.IsEmpty)
            {
                blocks.Remove(key);
            }
            else
            {
                blocks.Set(key, there);
            }

            foreach (var edge in block.Except.Select(e => key with { Net = e }))
            {
                var before = edges.TryGetValue(edge, out var e) ? e : default;
                if (before.Count + change == 0)
                {
                    edges.Remove(edge);
                    sorted.Remove(edge);
                }
                else
                {
                    edges.Set(edge, before with { Count = before.Count + change });
                    sorted.Add(edge);
                }
            }
        }

        return new CutIndex(blocks.ToDictionary(), edges.ToDictionary(), sorted.ToImmutable());
    }

    public CutIndex Standing(IReadOnlyDictionary<SetMember, bool> matches)
    {
        var edges = _edges.ToBuilder();
        foreach (var (edge, match) in matches)
        {
            if (edges.TryGetValue(edge, out var there) && there.Match != match)
            {
                edges.Set(edge, there with { Match = match });
            }
        }

        return new CutIndex(_blocks, edges.ToDictionary(), _sorted);
    }

    /// <param name="Match">Null before it was found out.</param>
    private readonly record struct Edge(int Count, bool? Match);

    private sealed class ByPort : IComparer<SetMember>
    {
        public static readonly ByPort Instance = new();

        public int Compare(SetMember x, SetMember y)
        {
            var order = (x.Protocol ?? -1).CompareTo(y.Protocol ?? -1);
            order = order != 0 ? order : x.Port.CompareTo(y.Port);
            return order != 0 ? order : x.Net.CompareTo(y.Net);
        }
    }
}
