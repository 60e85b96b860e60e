using Vallum.Primitives;

namespace Vallum.Policies.Evaluation;

/// <summary>What is asked about, without who asks whom: a flow that lacks its two sides. Its parts go together as those of <see cref="Flow"/> do.</summary>
public sealed record Traffic(byte Protocol, ushort? Port, byte? IcmpType, byte? IcmpCode)
{
    /// <summary>The family that the protocol runs over; null: either.</summary>
    public IpFamily? Family => Protocol switch
    {
        IpProtocol.Icmp => IpFamily.V4,
        IpProtocol.IcmpV6 => IpFamily.V6,
        _ => null,
    };

    public Flow Between(Address source, Address destination) => new(source, destination, Protocol, Port, IcmpType, IcmpCode);
}
