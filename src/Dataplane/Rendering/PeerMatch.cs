using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>The peers of a match as conditions on the other side of a flow: one rule per element; none when they match nothing in this family.</summary>
internal sealed class PeerMatch(IpFamily family, Direction direction, NodeState state, SetShelf shelf)
{
    // Up to here plain blocks are rules of their own (4-5 ns each); above, one set (160 ns).
    private const int InlineBlocks = 4;

    private readonly string _side = direction == Direction.Ingress ? "src" : "dst";

    /// <summary>False for a peer that this agent cannot read, or that names a group which is not held.</summary>
    public bool IsKnown(Peer peer) => peer is not Peer.Unknown && (peer is not Peer.Group group || shelf.HasGroup(group.Name));

    public ImmutableArray<RuleText> Of(ImmutableArray<Peer> peers, SetRole role)
    {
        if (peers.IsEmpty || peers.Any(p => p is Peer.Any || IsEverything(p)))
        {
            return [RuleText.All];
        }

        var conditions = ImmutableArray.CreateBuilder<RuleText>();
        var blocks = peers.OfType<Peer.Block>().Where(b => b.Cidr.Family == family).Distinct().ToImmutableArray();
        var plain = blocks.Where(b => b.Except.IsEmpty).Select(b => b.Cidr)
            .Concat(peers.OfType<Peer.LocalNode>().SelectMany(_ => state.NodeAddresses).Where(a => a.Family == family).Select(Cidr.Host))
            .Distinct().Order().ToImmutableArray();
        if (plain.Length > InlineBlocks)
        {
            conditions.Add(Set(shelf.OfBlocks(plain.Select(p => new SetMember(p)), role)));
        }
        else
        {
            conditions.AddRange(plain.Select(Inline));
        }

        foreach (var members in blocks.Where(b => !b.Except.IsEmpty).Select(KernelBlocks.Of).Where(m => !m.IsEmpty))
        {
            conditions.Add(Set(shelf.OfBlocks(members, role)));
        }

        foreach (var group in peers.OfType<Peer.Group>().Select(g => g.Name).Distinct().Order(StringComparer.Ordinal))
        {
            conditions.Add(Set(shelf.OfGroup(group, role)));
        }

        return conditions.ToImmutable();
    }

    private bool IsEverything(Peer peer) => peer is Peer.Block { Cidr.Length: 0, Except.IsEmpty: true } block && block.Cidr.Family == family;

    private RuleText Set(string name) => RuleText.All.AndSet(name, _side);

    private RuleText Inline(Cidr block) =>
        direction == Direction.Ingress ? RuleText.All with { Source = block } : RuleText.All with { Destination = block };
}
