using Vallum.Dataplane.Packets.Tests.Router;
using Vallum.Dataplane.Packets.Tests.Worlds;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Packets.Tests.Traffic;

/// <summary>Flows between hosts that stay where they are from one world to the next, and of which both say the same.</summary>
internal sealed class UnmovedFlows(ClusterState before, ClusterState after, Dice dice)
{
    private const int MostDrawn = 400;
    private const int Forged = 3;

    private static readonly Address Nobody = Address.Parse("198.51.100.77");

    private readonly NodeFlows _old = new(before, invalidToo: false);
    private readonly NodeFlows _next = new(after, invalidToo: false);
    private readonly Dictionary<Address, string> _placed = NodeFlows.Locals(before);
    private readonly Dictionary<Address, string> _replaced = NodeFlows.Locals(after);

    /// <summary>As many of either family and kind as a stream takes and as are found soon; forged sources among the denied.</summary>
    public IEnumerable<Sending> Draw()
    {
        var kinds = new Dictionary<(bool Allowed, IpFamily Family), HashSet<Flow>>();
        foreach (var flow in _next.DrawOn(dice).Take(MostDrawn))
        {
            if (!Stays(flow.Source) || !Stays(flow.Destination))
            {
                continue;
            }

            if (_next.Allows(flow) is var allowed && allowed == _old.Allows(flow))
            {
                var kind = (allowed, flow.Source.Family);
                kinds.TryAdd(kind, []);
                kinds[kind].Add(flow);
                if (kinds.Count == 4 && kinds.Values.All(f => f.Count >= Stream.Kinds / 2))
                {
                    break;
                }
            }
        }

        return
        [
            .. ForgedFlows(),
            .. from kind in kinds
               from flow in kind.Value.Take(Stream.Kinds / 2)
               select new Sending(flow, _replaced.GetValueOrDefault(flow.Source, RouterLab.Uplink), kind.Key.Allowed),
        ];
    }

    /// <summary>
    /// From links whose endpoint is known throughout, with the source of another such endpoint, or of nobody. (The address of an endpoint whose
    /// interface is not known is good behind any.)
    /// </summary>
    private IEnumerable<Sending> ForgedFlows()
    {
        var known = Known(before).Intersect(Known(after)).ToArray();
        return from link in known.Select(k => k.Link).Distinct().Take(Forged)
               let source = known.Where(k => k.Link != link).Select(k => k.Address).FirstOrDefault(Nobody)
               from target in _replaced.Keys.Where(a => a.Family == source.Family && a != source && Stays(a)).Take(1)
               select new Sending(Flow.Tcp(source, target, 80), link, Allowed: false);
    }

    private static IEnumerable<(Address Address, string Link)> Known(ClusterState world) => world.Endpoints.Values
        .Where(e => e.Node == PacketWorlds.Node && !e.HostNetwork && e.Interface is not null)
        .SelectMany(e => e.Addresses.Where(a => a.Family == IpFamily.V4).Select(a => (a, e.Interface!)));

    private bool Stays(Address address) => _placed.GetValueOrDefault(address) == _replaced.GetValueOrDefault(address);
}
