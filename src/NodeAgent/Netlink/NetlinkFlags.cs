namespace Vallum.NodeAgent.Netlink;

/// <summary>Of a message's header (linux/netlink.h).</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    None = 0,
    Request = 0x1,

    /// <summary>One of several that end in a "done".</summary>
    Multi = 0x2,

    /// <summary>Success is answered too, with error 0.</summary>
    Ack = 0x4,

    /// <summary>Of an answer: what was listed changed meanwhile.</summary>
    DumpInterrupted = 0x10,

    /// <summary>List everything (NLM_F_ROOT and NLM_F_MATCH).</summary>
    Dump = 0x300,

    /// <summary>What is there already is an error.</summary>
    Exclusive = 0x200,

    Create = 0x400,
}

/// <summary>The parts of netfilter that listen on the one netlink family (linux/netfilter/nfnetlink.h): the upper byte of a message's type.</summary>
internal enum NetfilterSubsystem : byte
{
    Conntrack = 1,
    Log = 4,
    Ipset = 6,
    NftCompat = 11,
}
