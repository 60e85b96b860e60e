using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>Flows at and beside everything that a state names.</summary>
public static class Flows
{
    public static IEnumerable<Packet> At(NodeState state, int pick, int count = 60)
    {
        var members = state.Groups.Values.SelectMany(g => g.V4.Concat(g.V6)).Select(m => m.Net).Order().ToArray();
        var matches = state.Rules.Values.SelectMany(r => r.Ingress.Concat(r.Egress)).SelectMany(r => r.Matches).ToArray();
        var named = matches.SelectMany(m => m.Peers).OfType<Peer.Block>().SelectMany(b => b.Except.Append(b.Cidr)).Order().ToArray();
        var local = state.Bindings.SelectMany(b => b.Addresses).Distinct().Order().ToArray();
        Address[] others = [.. local, .. members.Concat(named).SelectMany(n => new[] { n.Base, n.Last }).Concat(state.NodeAddresses).Distinct()];
        var services = matches.SelectMany(m => m.Services).Where(s => s.Protocol is not null).ToArray();
        (byte Protocol, int Port)[] wanted =
        [
            (IpProtocol.Tcp, 80), (47, 0), (IpProtocol.Icmp, 8 << 8), (IpProtocol.IcmpV6, 128 << 8),
            .. services.SelectMany(s => s.Ports.SelectMany(p => new[] { (int)p.First, p.Last, p.Last + 1 & 65535 }).Select(p => (s.Protocol!.Value, p))),
            .. services.Where(s => s.IcmpType is not null).Select(s => (s.Protocol!.Value, (s.IcmpType!.Value << 8) + (s.IcmpCode ?? 3))),
            .. state.Profiles.Values.SelectMany(p => p.NamedPorts).Select(n => (n.Protocol, (int)n.Port)),
        ];
        for (var i = 0; i < count && local.Length > 0; i++)
        {
            var here = local[(i + pick) % local.Length];
            var there = others[((i * 7) + pick) % others.Length];
            var (protocol, port) = wanted[((i * 3) + pick) % wanted.Length];
            if (there.Family == here.Family)
            {
                yield return i % 2 == 0 ? new Packet(here, there, protocol, port) : new Packet(there, here, protocol, port);
            }
        }
    }
}
