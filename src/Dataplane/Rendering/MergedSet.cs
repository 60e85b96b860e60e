using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>What a source gives to a merged set or takes back. A key is a block, with a protocol and port where the set has them.</summary>
internal sealed class MergedChange
{
    public List<(SetMember Key, int Change)> Plain { get; } = [];

    /// <summary>The key's block is that of the cut one.</summary>
    public List<(SetMember Key, CutBlock Block, int Change)> Cut { get; } = [];

    /// <summary>How many more sources the set has.</summary>
    public int Sources { get; set; }
}

/// <summary>
/// The union of what policies match, as members of one set in which the narrowest block decides. A block with exceptions must not hide what another
/// policy allows: every block and every exception is a member, and an exception is a nomatch only where no other source covers it. All of them are
/// members, needed or not, so that a change stays as small as what it says.
/// </summary>
/// <param name="Sources">How many sources the set has: 0, nothing needs it; one may be a group without members.</param>
internal sealed record MergedSet(MemberSet Members, CutIndex Cuts, int Sources)
{
    public static readonly MergedSet Empty = new(MemberSet.Empty, CutIndex.Empty, 0);

    public MergedSet With(MergedChange change)
    {
        var members = Members.Counted(change.Plain.Concat(change.Cut.Select(c => (c.Key, c.Change))));
        if (Cuts.IsEmpty && change.Cut.Count == 0)
        {
            return new MergedSet(members, Cuts, Sources + change.Sources);
        }

        var cuts = Cuts.With(change.Cut);
        var edges = new HashSet<SetMember>(Cuts.EdgesOf(change.Cut));
        edges.UnionWith(cuts.EdgesOf(change.Cut));
        foreach (var key in change.Plain.Select(p => p.Key).Concat(change.Cut.Select(c => c.Key)))
        {
            edges.UnionWith(cuts.EdgesIn(key));
        }

        // An edge stands in the set as match or as nomatch: what it stood as goes, what it stands as now comes.
        var covered = new Dictionary<SetMember, bool>();
        foreach (var edge in edges.Where(cuts.IsEdge))
        {
            covered[edge] = IsCovered(edge, members, cuts);
        }

        var turned = edges.SelectMany(edge => Turn(edge, Cuts.StandsAs(edge), covered.TryGetValue(edge, out var now) ? now : null)).ToArray();
        return new MergedSet(members.Counted(turned), cuts.Standing(covered), Sources + change.Sources);
    }

    private static IEnumerable<(SetMember, int)> Turn(SetMember edge, bool? before, bool? after)
    {
        if (before == after)
        {
            yield break;
        }

        if (after is { } comes)
        {
            yield return (edge with { NoMatch = !comes }, 1);
        }

        if (before is { } goes)
        {
            yield return (edge with { NoMatch = !goes }, -1);
        }
    }

    /// <summary>True when a source matches all of the edge's block: a plain one that holds it, or a cut one none of whose exceptions does.</summary>
    private bool IsCovered(SetMember edge, MemberSet members, CutIndex cuts)
    {
        for (int length = edge.Net.Length; length >= 0; length--)
        {
            var key = edge with { Net = Cidr.Containing(edge.Net.Base, length) };
            var plain = members.CountOf(key) - (Cuts.StandsAs(key) == true ? 1 : 0) - cuts.CountAt(key);
            if (plain > 0 || cuts.BlocksAt(key).Any(b => b.Contains(edge.Net)))
            {
                return true;
            }
        }

        return false;
    }
}
