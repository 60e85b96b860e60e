using System.Collections.Immutable;
using System.Text;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The sets that the rules of one family name, each made once: all policies that name a group share its set, and equal lists of blocks share one.
/// </summary>
internal sealed class SetShelf(IpFamily family, NodeState state)
{
    private readonly SortedDictionary<string, KernelSet> _sets = new(StringComparer.Ordinal);

    public IEnumerable<KernelSet> Sets => _sets.Values;

    public bool HasGroup(string name) => state.Groups.ContainsKey(name);

    /// <summary>The set of a group's blocks; its members change without a rule being touched.</summary>
    public string OfGroup(string group, SetRole role) =>
        Put(KernelNames.Set(family, "g", group), SetType.Net, KernelBlocks.OfMembers(state.Groups[group].Blocks(family)), role);

    /// <summary>The set of a group's (address, protocol, port).</summary>
    public string OfGroupPorts(string group, SetRole role) =>
        Put(KernelNames.Set(family, "p", group), SetType.NetPort, KernelBlocks.OfMembers(state.Groups[group].Ports(family)), role);

    /// <summary>A set that never changes: another list of blocks is another set.</summary>
    public string OfBlocks(IEnumerable<SetMember> members, SetRole role)
    {
        var set = MemberSet.Of(members);
        var key = new StringBuilder().AppendJoin('\n', set.Order()).ToString();
        return Put(KernelNames.Set(family, "b", key), SetType.Net, set, role);
    }

    public string OfGate(string kind, SetType type, IEnumerable<SetMember> members, SetRole role = SetRole.Gate) =>
        Put(KernelNames.Set(family, kind), type, MemberSet.Of(members), role);

    private string Put(string name, SetType type, MemberSet members, SetRole role)
    {
        if (!_sets.TryGetValue(name, out var set) || (role == SetRole.Deny && set.Role != role))
        {
            _sets[name] = new KernelSet(name, type, family, members, role);
        }

        return name;
    }
}

/// <summary>Blocks as the kernel's hash:net family takes them: a prefix of length 0 is refused there, its halves are not.</summary>
internal static class KernelBlocks
{
    public static MemberSet OfMembers(MemberSet members)
    {
        var whole = new[] { Any(IpFamily.V4), Any(IpFamily.V6) }.Where(members.Contains).ToImmutableArray();
        return whole.IsEmpty ? members : MemberSet.Of(members.Except(whole).Concat(whole.SelectMany(Halves)));
    }

    /// <summary>A block without its exceptions: the exceptions are narrower, and in a set the narrowest decides.</summary>
    public static ImmutableArray<SetMember> Of(Peer.Block block)
    {
        if (block.Except.Any(e => e.Contains(block.Cidr)))
        {
            return [];
        }

        var except = block.Except.Where(block.Cidr.Contains).ToImmutableHashSet();
        var wanted = block.Cidr.Length == 0 ? Halves(new SetMember(block.Cidr)).Select(h => h.Net) : [block.Cidr];
        return
        [
            .. wanted.Where(w => !except.Any(e => e.Contains(w))).Select(w => new SetMember(w)),
            .. except.Select(e => new SetMember(e, NoMatch: true)),
        ];
    }

    private static SetMember Any(IpFamily family) => new(Cidr.Containing(family == IpFamily.V4 ? Address.V4(0) : Address.V6(0), 0));

    private static IEnumerable<SetMember> Halves(SetMember member)
    {
        var (low, high) = member.Net.Halves();
        return [member with { Net = low }, member with { Net = high }];
    }
}
