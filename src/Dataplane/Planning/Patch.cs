using System.Collections.Immutable;
using Vallum.Dataplane.Reading;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>Which way a verdict may go when a member comes or goes.</summary>
[Flags]
internal enum Turn
{
    None = 0,
    Opens = 1,
    Closes = 2,
    Either = Opens | Closes,
}

/// <summary>
/// The steps, of any sets, whose blocks overlap: an address is concerned by the steps of one patch at most. <paramref name="Locals"/>: how many
/// addresses of this node's endpoints lie in it.
/// </summary>
/// <param name="Number">Its place among all patches.</param>
internal readonly record struct Patch(int Number, Cidr Block, Turn Turn, ImmutableArray<int> Sets, int Locals, bool IsHost);

/// <summary>
/// Where the steps of some sets' changes belong: one list of steps, and for each the patch that it is part of. Ten thousand members that come are as
/// many patches, so nothing here is an object of its own for each.
/// </summary>
internal sealed class PatchWork
{
    private readonly ImmutableArray<SetChange> _sets;
    private readonly int[][] _patchOf;
    private readonly ImmutableArray<int>[] _alone;

    /// <param name="turns">Of the sets: which way a flow's verdict may go when an address becomes known to it.</param>
    public PatchWork(ImmutableArray<SetChange> sets, ImmutableArray<Turn> turns, Func<Cidr, int> localsIn)
    {
        _sets = sets;
        _patchOf = [.. sets.Select(s => new int[s.Count])];
        _alone = [.. sets.Select((_, i) => ImmutableArray.Create(i))];
        var places = sets.SelectMany((set, i) => Enumerable.Range(0, set.Count).Select(at => (Set: i, At: at))).ToArray();
        var blocks = Array.ConvertAll(places, p => sets[p.Set].Step(p.At).Member.Net);
        Array.Sort(blocks, places);
        var patches = ImmutableArray.CreateBuilder<Patch>(places.Length);
        for (var from = 0; from < places.Length;)
        {
            var block = blocks[from];
            var to = from + 1;
            while (to < places.Length && block.Contains(blocks[to]))
            {
                to++;
            }

            var part = places.AsSpan(from, to - from);
            var turn = Turn.None;
            foreach (var (set, at) in part)
            {
                turn |= Of(turns[set], sets[set].Step(at).Grows);
                _patchOf[set][at] = patches.Count;
            }

            patches.Add(new Patch(patches.Count, block, turn, SetsOf(part), localsIn(block), block.IsHost));
            from = to;
        }

        Patches = patches.ToImmutable();
    }

    public ImmutableArray<Patch> Patches { get; }

    /// <summary>The steps of a set, from one place of them to another, that a patch as asked for has.</summary>
    public IEnumerable<MemberStep> Steps(int set, Range places, Func<Patch, bool> which)
    {
        var (start, length) = places.GetOffsetAndLength(_sets[set].Count);
        for (var at = start; at < start + length; at++)
        {
            if (which(Patches[_patchOf[set][at]]))
            {
                yield return _sets[set].Step(at);
            }
        }
    }

    public static Turn Of(Turn whenKnown, bool grows) => grows || whenKnown is Turn.None or Turn.Either
        ? whenKnown
        : whenKnown ^ Turn.Either;

    /// <summary>Which way verdicts may go when an address becomes known to a set with these uses.</summary>
    public static Turn WhenKnown(IEnumerable<SetUse> uses)
    {
        var turn = Turn.None;
        foreach (var use in uses)
        {
            turn |= (use.Effect, use.Match.Negated) switch
            {
                (RuleEffect.None, _) => Turn.None,
                (RuleEffect.Allow, false) or (RuleEffect.Deny, true) => Turn.Opens,
                (RuleEffect.Deny, false) or (RuleEffect.Allow, true) => Turn.Closes,
                _ => Turn.Either,
            };
        }

        return turn;
    }

    /// <summary>Ascending, each once.</summary>
    private ImmutableArray<int> SetsOf(ReadOnlySpan<(int Set, int At)> part)
    {
        var first = part[0].Set;
        SortedSet<int>? several = null;
        foreach (var (set, _) in part)
        {
            if (set != first)
            {
                several ??= [first];
                several.Add(set);
            }
        }

        return several is null ? _alone[first] : [.. several];
    }
}
