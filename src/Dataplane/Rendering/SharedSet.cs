using System.Text;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// A set that any number of rules name: all policies that name a group share its set, and equal lists of blocks share one. <paramref name="Group"/>:
/// whose members it holds; null: <paramref name="Fixed"/>, and another list of blocks is another set.
/// </summary>
internal sealed record SharedSet(string Name, SetType Type, string? Group, MemberSet? Fixed)
{
    /// <summary>The set of a group's blocks; its members change without a rule being touched.</summary>
    public static SharedSet OfGroup(IpFamily family, string group) => new(KernelNames.Set(family, "g", group), SetType.Net, group, null);

    /// <summary>The set of a group's (address, protocol, port).</summary>
    public static SharedSet OfGroupPorts(IpFamily family, string group) => new(KernelNames.Set(family, "p", group), SetType.NetPort, group, null);

    public static SharedSet OfBlocks(IpFamily family, IEnumerable<SetMember> members)
    {
        var set = MemberSet.Of(members);
        var key = new StringBuilder().AppendJoin('\n', set.Order()).ToString();
        return new SharedSet(KernelNames.Set(family, "b", key), SetType.Net, null, set);
    }

    public MemberSet Members(NodeState state, IpFamily family)
    {
        if (Group is null)
        {
            return Fixed!;
        }

        var group = state.Groups[Group];
        return KernelBlocks.OfMembers(Type == SetType.NetPort ? group.Ports(family) : group.Blocks(family));
    }
}
