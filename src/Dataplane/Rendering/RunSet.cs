using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>In the order in which a run asks them.</summary>
internal enum RunSetKind
{
    /// <summary>Other sides with single ports, ICMP types with codes, and protocols that have neither.</summary>
    Ports,

    /// <summary>Other sides with all of one protocol.</summary>
    Protocol,

    /// <summary>Other sides with one range of ports; of ICMP, with one type.</summary>
    Range,

    /// <summary>Other sides with any protocol.</summary>
    Any,

    /// <summary>Other sides with an aligned part of a range, where there are too many ranges for a rule each.</summary>
    Part,
}

/// <summary>One merged set of a run. <paramref name="First"/> and <paramref name="Last"/>: the ports of a range or part.</summary>
internal readonly record struct RunSet(RunSetKind Kind, byte Protocol = 0, ushort First = 0, ushort Last = 0) : IComparable<RunSet>
{
    public static readonly RunSet Ports = new(RunSetKind.Ports);

    public static readonly RunSet Any = new(RunSetKind.Any);

    public PortRange Range => new(First, Last);

    public SetType Type => Kind == RunSetKind.Ports ? SetType.NetPort : SetType.Net;

    /// <summary>What distinguishes it among the sets of its run.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Protocol} {First} {Last}");

    public int CompareTo(RunSet other)
    {
        var order = Kind.CompareTo(other.Kind);
        order = order != 0 ? order : Protocol.CompareTo(other.Protocol);
        order = order != 0 ? order : First.CompareTo(other.First);
        return order != 0 ? order : Last.CompareTo(other.Last);
    }

    /// <summary>The condition that a flow is in the set; <paramref name="side"/> is src or dst.</summary>
    public RuleText Condition(string name, string side) => Kind switch
    {
        RunSetKind.Ports => RuleText.All.AndSet(name, $"{side},dst"),
        RunSetKind.Protocol => (RuleText.All with { Protocol = Protocol }).AndSet(name, side),
        RunSetKind.Range => (RuleText.All with { Protocol = Protocol }).And(AskedService.PortMatch(Protocol, Range)).AndSet(name, side),
        _ => RuleText.All.AndSet(name, side),
    };
}

/// <summary>What of a flow's protocol and port a source is about. <paramref name="Protocol"/> null: all, or, for a group with ports, its own.</summary>
internal readonly record struct PortTarget(byte? Protocol, PortRange? Ports, bool OwnPorts = false)
{
    // A range of so few ports is so many members of the set of single ports.
    private const int ExpandedPorts = 8;

    /// <summary>Members that have ports themselves.</summary>
    public static readonly PortTarget Own = new(null, null, OwnPorts: true);

    /// <summary>True: it takes a set and a rule of its own, or is cut into parts.</summary>
    public bool IsRange => Ports is { Count: > ExpandedPorts };

    public static IEnumerable<PortTarget> Of(AskedService service) => service.Ports.IsEmpty
        ? [new PortTarget(service.Protocol, null)]
        : service.Ports.Select(p => new PortTarget(service.Protocol, p));

    /// <summary>The places where members for it stand: a set, and for single ports the protocol and port of the member.</summary>
    /// <param name="isCut">Whether ranges of the protocol are cut into parts.</param>
    public IEnumerable<(RunSet Set, byte? Protocol, ushort Port)> Places(Func<byte, bool> isCut)
    {
        if (OwnPorts)
        {
            return [(RunSet.Ports, null, 0)];
        }

        if (Protocol is not { } protocol)
        {
            return [(RunSet.Any, null, 0)];
        }

        if (Ports is not { } ports)
        {
            return IsKeyedAlone(protocol) ? [(RunSet.Ports, protocol, 0)] : [(new RunSet(RunSetKind.Protocol, protocol), null, 0)];
        }

        if (!IsRange)
        {
            return Single(protocol, ports.First, ports.Last);
        }

        return isCut(protocol)
            ? PortParts.Of(ports).SelectMany(part => part.Count == 1
                ? Single(protocol, part.First, part.Last)
                : [(new RunSet(RunSetKind.Part, protocol, part.First, part.Last), null, (ushort)0)])
            : [(new RunSet(RunSetKind.Range, protocol, ports.First, ports.Last), null, 0)];
    }

    private static IEnumerable<(RunSet, byte?, ushort)> Single(byte protocol, int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(port => (RunSet.Ports, (byte?)protocol, (ushort)port));

    /// <summary>
    /// True: hash:net,port finds packets of the protocol under port 0. Not of those that have ports or types, and not where the module that looks for
    /// the port walks on (IPv6 extension headers: 0, 43, 44, 51, 59, 60).
    /// </summary>
    private static bool IsKeyedAlone(byte protocol) =>
        protocol is not (IpProtocol.Icmp or IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.IcmpV6 or IpProtocol.Sctp or 136 or 0 or 43 or 44 or 51 or 59 or 60);
}
