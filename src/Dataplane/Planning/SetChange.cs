using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// One operation on a member. <paramref name="Removes"/>: it is deleted, else added, or turned into a nomatch or back. <paramref name="Grows"/>: the
/// addresses that it concerns become known to the set, else unknown.
/// </summary>
internal readonly record struct MemberStep(SetMember Member, bool Removes, bool Grows);

/// <summary>
/// The way of a set from its members to those wanted, in which each address changes sides at most once. In a set the narrowest block decides, so an
/// operation concerns the addresses of its block that no narrower one holds. The middle of the way knows what either end knows: first
/// <see cref="Grow"/>, the narrowest first, so that a block comes when what is cut out of it is there; then <see cref="Shrink"/>, exceptions first, and
/// then what goes, the widest first, so that what lay in it falls to what stays. Reviewers reject an order in which a wide block comes before its
/// exceptions, or goes after them.
/// </summary>
internal sealed class SetChange
{
    public SetChange(KernelSet there, KernelSet wanted)
    {
        There = there;
        Wanted = wanted;
        var change = MemberSet.Between(there.Members, wanted.Members);
        if (change.Added.Concat(change.Removed).Any(m => m.NoMatch))
        {
            (Grow, Shrink) = Nested(there.Members, wanted.Members, change);
            return;
        }

        // Without exceptions among them, blocks only add to each other: any order will do.
        Grow = [.. change.Added.Select(m => new MemberStep(m, false, true))];
        Shrink = [.. change.Removed.Select(m => new MemberStep(m, true, false))];
    }

    public KernelSet There { get; }

    public KernelSet Wanted { get; }

    public string Name => Wanted.Name;

    public ImmutableArray<MemberStep> Grow { get; }

    public ImmutableArray<MemberStep> Shrink { get; }

    public int Count => Grow.Length + Shrink.Length;

    public IEnumerable<MemberStep> Steps => Grow.Concat(Shrink);

    /// <summary>The one at a place of <see cref="Steps"/>.</summary>
    public MemberStep Step(int at) => at < Grow.Length ? Grow[at] : Shrink[at - Grow.Length];

    private static (ImmutableArray<MemberStep> Grow, ImmutableArray<MemberStep> Shrink) Nested(MemberSet there, MemberSet wanted, MemberChange change)
    {
        var grow = new List<MemberStep>();
        var flips = new List<MemberStep>();
        var removals = new List<MemberStep>();
        foreach (var member in change.Added)
        {
            // An exception from what was known takes it away, be it new or a block until now; another only keeps out what is to come.
            var takes = member.NoMatch && (there.Contains(member with { NoMatch = false }) || Knows(there, member));
            (takes ? flips : grow).Add(new MemberStep(member, false, !takes));
        }

        foreach (var member in change.Removed.Where(m => !wanted.Contains(m with { NoMatch = !m.NoMatch })))
        {
            var gives = member.NoMatch && Knows(wanted, member);
            (gives ? grow : removals).Add(new MemberStep(member, true, gives));
        }

        return (
            [.. grow.OrderByDescending(s => s.Member.Net.Length)],
            [.. flips.OrderByDescending(s => s.Member.Net.Length), .. removals.OrderBy(s => s.Member.Net.Length)]);
    }

    /// <summary>What the set says of the member's block but for the member itself: one probe per wider prefix, however many members there are.</summary>
    private static bool Knows(MemberSet members, SetMember member)
    {
        for (var length = member.Net.Length - 1; length >= 0; length--)
        {
            var wider = member with { Net = Primitives.Cidr.Containing(member.Net.Base, length), NoMatch = false };
            if (members.Contains(wider))
            {
                return true;
            }

            if (members.Contains(wider with { NoMatch = true }))
            {
                return false;
            }
        }

        return false;
    }
}
