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
internal sealed record Patch(Cidr Block, Turn Turn, ImmutableArray<int> Sets, int Locals, bool IsHost);

/// <summary>Where the steps of some sets' changes belong: one list of steps, and for each the patch that it is part of.</summary>
internal sealed class PatchWork
{
    private readonly Dictionary<(int Set, MemberStep Step), Patch> _patchOf = [];

    /// <param name="turns">Of the sets: which way a flow's verdict may go when an address becomes known to it.</param>
    public PatchWork(ImmutableArray<SetChange> sets, ImmutableArray<Turn> turns, Func<Cidr, int> localsIn)
    {
        var steps = sets.SelectMany((set, i) => set.Steps.Select(step => (Set: i, Step: step))).OrderBy(s => s.Step.Member.Net).ToArray();
        var patches = ImmutableArray.CreateBuilder<Patch>();
        for (var from = 0; from < steps.Length;)
        {
            var block = steps[from].Step.Member.Net;
            var to = from + 1;
            while (to < steps.Length && block.Contains(steps[to].Step.Member.Net))
            {
                to++;
            }

            var part = steps.AsSpan(from, to - from);
            var turn = Turn.None;
            var of = new SortedSet<int>();
            foreach (var (set, step) in part)
            {
                turn |= Of(turns[set], step.Grows);
                of.Add(set);
            }

            var patch = new Patch(block, turn, [.. of], localsIn(block), block.IsHost);
            patches.Add(patch);
            foreach (var step in part)
            {
                _patchOf[step] = patch;
            }

            from = to;
        }

        Patches = patches.ToImmutable();
    }

    public ImmutableArray<Patch> Patches { get; }

    public Patch Of(int set, MemberStep step) => _patchOf[(set, step)];

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
}
