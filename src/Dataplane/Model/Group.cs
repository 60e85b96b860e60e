using Vallum.Primitives;

namespace Vallum.Dataplane.Model;

/// <summary>What a selector picks, by family: blocks, and (address, protocol, port). A rule asks for one or the other.</summary>
public sealed record Group(MemberSet V4, MemberSet V6, MemberSet V4Ports, MemberSet V6Ports)
{
    public static readonly Group Empty = new(MemberSet.Empty, MemberSet.Empty, MemberSet.Empty, MemberSet.Empty);

    public static Group Of(params IEnumerable<SetMember> members) => Empty.With(members, []);

    public MemberSet Blocks(IpFamily family) => family == IpFamily.V4 ? V4 : V6;

    public MemberSet Ports(IpFamily family) => family == IpFamily.V4 ? V4Ports : V6Ports;

    public Group With(IEnumerable<SetMember> added, IEnumerable<SetMember> removed)
    {
        var comes = added.ToLookup(Part);
        var goes = removed.ToLookup(Part);
        MemberSet Next(MemberSet set, IpFamily family, bool ports) => set.With(comes[(family, ports)], goes[(family, ports)]);
        return new Group(
            Next(V4, IpFamily.V4, false), Next(V6, IpFamily.V6, false), Next(V4Ports, IpFamily.V4, true), Next(V6Ports, IpFamily.V6, true));
    }

    private static (IpFamily Family, bool Ports) Part(SetMember member) => (member.Net.Family, member.Protocol is not null);
}
