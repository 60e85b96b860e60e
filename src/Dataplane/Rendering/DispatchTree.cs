using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>What is done with the flows of one local address.</summary>
internal sealed record Leaf(Address Address, ImmutableArray<string> Rules);

/// <summary>
/// Finds the leaf of a packet's local address: four bits of it per chain, below what all addresses of the chain have in common, so that 1,000
/// endpoints cost what ten do. Everything below the root is entered by goto: RETURN, and falling off an end, lead back behind the root's jump.
/// </summary>
/// <param name="kind">Of the branches' names.</param>
internal sealed class DispatchTree(IpFamily family, Direction direction, string kind, IDictionary<string, ImmutableArray<string>> chains)
{
    private const int BitsPerLevel = 4;
    private const int LeavesPerChain = 4;

    // nf_tables takes 15 jumps and gotos in a row: to the hook chain, the root and six levels below it, the checked way into the profile's chain, this and
    // its second, three that find a part of a range, and the deny chain.
    private const int DeepestLevel = 7;

    private ImmutableArray<string> _ends = [];

    /// <param name="before">Rules of the root that come before the dispatch.</param>
    /// <param name="ends">What is asked of packets that no leaf took: the end of each chain.</param>
    public void Write(string root, IEnumerable<string> before, IEnumerable<Leaf> leaves, ImmutableArray<string> ends)
    {
        ImmutableArray<Leaf> sorted = [.. leaves.OrderBy(l => l.Address)];
        _ends = ends;
        chains[root] = [.. before, .. Level(sorted, 1), .. ends];
    }

    private IEnumerable<string> Level(ImmutableArray<Leaf> leaves, int level)
    {
        if (leaves.Length <= LeavesPerChain || level == DeepestLevel)
        {
            return leaves.SelectMany(l => l.Rules);
        }

        var common = CommonLength(leaves[0].Address, leaves[^1].Address);
        var length = ((common / BitsPerLevel) + 1) * BitsPerLevel;
        return leaves.GroupBy(l => Cidr.Containing(l.Address, length)).SelectMany(part => Branch(part.Key, [.. part], level)).ToImmutableArray();
    }

    private ImmutableArray<string> Branch(Cidr block, ImmutableArray<Leaf> leaves, int level)
    {
        if (leaves.Length == 1)
        {
            return leaves[0].Rules;
        }

        var name = KernelNames.Chain(kind, block.ToString());
        chains[name] = [.. Level(leaves, level + 1), .. _ends];
        var to = direction == Direction.Ingress ? RuleText.All with { Destination = block } : RuleText.All with { Source = block };
        return [to.Goto(name)];
    }

    /// <summary>Leading bits that the two addresses share; they differ.</summary>
    private int CommonLength(Address first, Address last) =>
        (int)UInt128.LeadingZeroCount(first.Bits ^ last.Bits) - (128 - family.Width);
}
