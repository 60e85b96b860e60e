namespace Vallum.NodeAgent.Kernel.Ipset;

/// <summary>Numbers of the kernel's ipset interface, as far as we speak it (linux/netfilter/ipset/ip_set.h).</summary>
internal static class IpsetProtocol
{
    /// <summary>The one that every kernel since 2.6.39 takes; later ones add nothing that we use.</summary>
    public const byte Version = 6;

    /// <summary>LIST: without members.</summary>
    public const uint HeadersOnly = 4;

    public const byte FamilyV4 = 2;
    public const byte FamilyV6 = 10;
}

internal enum IpsetCommand : byte
{
    Protocol = 1,
    Create = 2,
    Destroy = 3,
    Swap = 6,
    List = 7,
    Add = 9,
    Delete = 10,
    Type = 13,
}

/// <summary>Attributes of a message.</summary>
internal static class IpsetAttribute
{
    public const ushort Protocol = 1;
    public const ushort SetName = 2;
    public const ushort TypeName = 3;
    public const ushort OtherSetName = 3;
    public const ushort Revision = 4;
    public const ushort Family = 5;
    public const ushort Flags = 6;

    /// <summary>The attributes of a set that is made, or of one member.</summary>
    public const ushort Data = 7;

    /// <summary>Several members, each a <see cref="Data"/>.</summary>
    public const ushort Members = 8;

    /// <summary>With several members: an error comes back with the number of the member that it is about. In the machine's byte order.</summary>
    public const ushort Line = 9;

    public const ushort LowestProtocol = 10;
    public const ushort LowestRevision = 10;
}

/// <summary>Attributes within <see cref="IpsetAttribute.Data"/>.</summary>
internal static class IpsetData
{
    public const ushort Address = 1;
    public const ushort PrefixLength = 3;
    public const ushort Port = 4;
    public const ushort Protocol = 7;
    public const ushort Flags = 8;
    public const ushort HashSize = 18;
    public const ushort MaxElements = 19;
    public const ushort Interface = 23;
    public const ushort Elements = 24;

    /// <summary>Within <see cref="Address"/>.</summary>
    public const ushort V4 = 1;

    /// <summary>Within <see cref="Address"/>.</summary>
    public const ushort V6 = 2;

    /// <summary>The interface is a port of a bridge.</summary>
    public const uint PhysicalDevice = 1 << 1;

    public const uint NoMatch = 1 << 2;

    /// <summary>The interface is the beginning of a name.</summary>
    public const uint InterfaceWildcard = 1 << 7;
}
