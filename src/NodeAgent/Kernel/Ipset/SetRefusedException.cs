using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Netlink;

namespace Vallum.NodeAgent.Kernel.Ipset;

/// <summary>The kernel refused an operation on a set. What came before it in the same step is done, what comes after is not.</summary>
internal sealed class SetRefusedException(SetOperation operation, SetMember? member, int error)
    : KernelFailedException($"ipset: {What(operation, member)}: {Words(operation, error)}")
{
    private const int NoSuchFile = 2;
    private const int Exists = 17;
    private const int NotPermitted = 1;

    /// <summary>Of the kernel: an errno, from 4096 one of ipset's own, from 4352 one of the set's type.</summary>
    public int Error { get; } = error;

    private static string What(SetOperation operation, SetMember? member) => operation switch
    {
        SetOperation.Create create => $"create {create.Set.Name}",
        SetOperation.Add add => $"add {add.Set} {member?.ToString() ?? "members"}",
        SetOperation.Remove remove => $"del {remove.Set} {member?.ToString() ?? "members"}",
        SetOperation.Swap swap => $"swap {swap.Name} {swap.Other}",
        SetOperation.Destroy destroy => $"destroy {destroy.Name}",
        _ => operation.ToString(),
    };

    private static string Words(SetOperation operation, int error) => error switch
    {
        NotPermitted => "not permitted: the agent needs CAP_NET_ADMIN in this network namespace",
        NoSuchFile when operation is SetOperation.Create create => $"the kernel has no set type {Name(create)} of this revision (a module ip_set_…)",
        NoSuchFile => "there is no such set; somebody removed it, and the next check puts it back",
        Exists => "a set of this name with another type, family or size is there; the next check replaces it",
        IpsetError.Protocol => "the kernel takes no such message: a member of the other family, or an ipset that we do not know (--sets tools)",
        IpsetError.FindType when operation is SetOperation.Create create => $"the kernel has no set type {Name(create)} (a module ip_set_…)",
        IpsetError.MaxSets => "the kernel has as many sets as it takes: load ip_set with a larger max_sets, or remove sets of others",
        IpsetError.Busy => "the set is in use by a rule",
        IpsetError.OtherSetName => "there is no set of the second name",
        IpsetError.TypeMismatch => "the two sets are not of one type and family",
        IpsetError.Exist => "the member is there already, or not there",
        IpsetError.InvalidCidr => "the set takes no prefix of this length",
        IpsetError.InvalidFamily or IpsetError.AddressV4 or IpsetError.AddressV6 => "the address is not of the set's family",
        IpsetError.Referenced => "the set is in use by a rule or another set",
        IpsetError.Full => "the set is full at its maxelem; one with room for more must be built and swapped in",
        IpsetError.NullElement => "the set takes no member of this value",
        IpsetError.InvalidProtocol or IpsetError.MissingProtocol => "the set takes no member of this protocol",
        _ => NetlinkException.Words(error),
    };

    private static string Name(SetOperation.Create create) => Vallum.Dataplane.Kernel.KernelSet.TypeName(create.Set.Type);
}
