using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>Blocks as the kernel's hash:net family takes them: a prefix of length 0 is refused there, its halves are not.</summary>
internal static class KernelBlocks
{
    public static MemberSet OfMembers(MemberSet members)
    {
        var whole = new[] { IpFamily.V4, IpFamily.V6 }.Select(f => new SetMember(Any(f))).Where(members.Contains).ToImmutableArray();
        return whole.IsEmpty ? members : members.With(whole.SelectMany(w => Nets(w.Net)).Select(n => new SetMember(n)), whole);
    }

    /// <summary>The block itself, or its halves.</summary>
    public static ImmutableArray<Cidr> Nets(Cidr block)
    {
        if (block.Length > 0)
        {
            return [block];
        }

        var (low, high) = block.Halves();
        return [low, high];
    }

    public static ImmutableArray<Cidr> Everything(IpFamily family) => Nets(Any(family));

    /// <summary>A block without its exceptions: the exceptions are narrower, and in a set the narrowest decides.</summary>
    public static ImmutableArray<SetMember> Of(Peer.Block block) =>
    [
        .. Cut(block).Select(c => new SetMember(c.Block)),
        .. block.Except.Where(block.Cidr.Contains).Distinct().Select(e => new SetMember(e, NoMatch: true)),
    ];

    /// <summary>The block in parts that a set takes, each with the exceptions inside it; a part that they cover is left out.</summary>
    public static IEnumerable<CutBlock> Cut(Peer.Block block) => Nets(block.Cidr).Where(n => !block.Except.Any(e => e.Contains(n)))
        .Select(n => new CutBlock(n, [.. block.Except.Where(n.Contains).Distinct().Order()]));

    private static Cidr Any(IpFamily family) => Cidr.Containing(family == IpFamily.V4 ? Address.V4(0) : Address.V6(0), 0);
}

/// <summary>A block less some blocks inside it.</summary>
internal sealed record CutBlock(Cidr Block, ImmutableArray<Cidr> Except)
{
    public bool Contains(Cidr other) => Block.Contains(other) && !Except.Any(e => e.Contains(other));

    public bool Equals(CutBlock? other) => other is not null && Block == other.Block && Except.SequenceEqual(other.Except);

    public override int GetHashCode() => Except.Aggregate(Block.GetHashCode(), HashCode.Combine);
}
