namespace Vallum.NodeAgent.Conntrack;

/// <summary>The attributes of a conntrack entry (linux/netfilter/nfnetlink_conntrack.h), as far as they are used here.</summary>
internal static class EntryAttribute
{
    public const ushort Original = 1;
    public const ushort Reply = 2;
    public const ushort Status = 3;
    public const ushort ProtocolState = 4;
    public const ushort Timeout = 7;
    public const ushort Id = 12;
    public const ushort NatDestination = 13;
    public const ushort Zone = 18;
    public const ushort Filter = 25;
}

/// <summary>Inside a tuple.</summary>
internal static class TupleAttribute
{
    public const ushort Addresses = 1;
    public const ushort Protocol = 2;
    public const ushort Zone = 3;
}

/// <summary>Inside a tuple's addresses.</summary>
internal static class AddressAttribute
{
    public const ushort V4Source = 1;
    public const ushort V4Destination = 2;
    public const ushort V6Source = 3;
    public const ushort V6Destination = 4;
}

/// <summary>Inside a tuple's protocol.</summary>
internal static class ProtocolAttribute
{
    public const ushort Number = 1;
    public const ushort SourcePort = 2;
    public const ushort DestinationPort = 3;
    public const ushort IcmpType = 5;
    public const ushort IcmpCode = 6;
    public const ushort IcmpV6Type = 8;
    public const ushort IcmpV6Code = 9;
}

/// <summary>Inside a filter: which parts of the two tuples count.</summary>
internal static class FilterAttribute
{
    public const ushort OriginalFlags = 1;
    public const ushort ReplyFlags = 2;

    /// <summary>A flag: the source address counts.</summary>
    public const uint SourceFlag = 1;
}
