using System.Collections.Immutable;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Testing.Worlds;

/// <summary>What a flow may ask for, without its addresses.</summary>
public readonly record struct AskedService(byte Protocol, ushort? Port = null, byte? IcmpType = null, byte? IcmpCode = null)
{
    public Flow Between(Address source, Address destination) => new(source, destination, Protocol, Port, IcmpType, IcmpCode);
}

public static class InterestingServices
{
    /// <summary>A port and a protocol that no policy of <see cref="Vocabulary"/> mentions by number.</summary>
    private static readonly ImmutableArray<AskedService> Unmentioned =
    [
        new(IpProtocol.Tcp, 12345), new(IpProtocol.Udp, 12345), new(IpProtocol.Sctp, 12345), new(50),
        new(IpProtocol.Icmp, IcmpType: 8, IcmpCode: 0), new(IpProtocol.IcmpV6, IcmpType: 128, IcmpCode: 0), new(IpProtocol.IcmpV6, IcmpType: 135, IcmpCode: 0),
    ];

    /// <summary>
    /// For each service of a rule: its protocol, the edges of its ranges and the ports just outside, the numbers that endpoints give to its names (and
    /// the same numbers of the other protocols), its ICMP type and code and the next ones; and some that nobody mentions.
    /// </summary>
    public static ImmutableArray<AskedService> Of(ClusterState state)
    {
        var services = state.Policies.Values.SelectMany(p => p.Ingress.Concat(p.Egress)).SelectMany(r => r.Services).Distinct();
        var asked = services.SelectMany(s => Of(s, state));
        return [.. Unmentioned.Concat(asked).Distinct().OrderBy(s => s.ToString(), StringComparer.Ordinal)];
    }

    private static IEnumerable<AskedService> Of(Service service, ClusterState state)
    {
        switch (service.Protocol)
        {
            case null:
                break;
            case IpProtocol.Icmp or IpProtocol.IcmpV6:
                var (type, code) = (service.IcmpType ?? 0, service.IcmpCode ?? 0);
                yield return new(service.Protocol.Value, IcmpType: type, IcmpCode: code);
                yield return new(service.Protocol.Value, IcmpType: type, IcmpCode: (byte)(code + 1));
                yield return new(service.Protocol.Value, IcmpType: (byte)(type + 1), IcmpCode: code);
                break;
            case { } protocol when IpProtocol.HasPorts(protocol):
                foreach (var port in service.Ports.SelectMany(p => Of(p, state)))
                {
                    yield return new(IpProtocol.Tcp, port);
                    yield return new(protocol, port);
                }

                break;
            case { } protocol:
                yield return new(protocol);
                break;
        }
    }

    private static IEnumerable<ushort> Of(PortMatch match, ClusterState state) => match switch
    {
        PortMatch.Numbers n => new[] { n.Range.First - 1, n.Range.First, n.Range.Last, n.Range.Last + 1 }
            .Where(p => p is >= 0 and <= ushort.MaxValue).Select(p => (ushort)p),
        PortMatch.Named n => state.Endpoints.Values.SelectMany(e => e.NamedPorts).Where(p => p.Name == n.Name).Select(p => p.Port),
        _ => throw new InvalidOperationException($"unknown port match {match}"),
    };
}
