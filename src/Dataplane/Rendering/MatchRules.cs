using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>A match as conditions of rules, any of which means that it holds. The sets that they name are put into <paramref name="uses"/>.</summary>
internal sealed class MatchRules(IpFamily family, Direction direction, ICollection<SharedSet> uses)
{
    private readonly string _side = direction == Direction.Ingress ? "src" : "dst";

    public IEnumerable<RuleText> Of(AskedMatch match)
    {
        var others = Peers(match.Peers).ToArray();
        var ports = match.DestinationPorts is { } group ? Use(SharedSet.OfGroupPorts(family, group)) : null;
        return match.Services.SelectMany(s => s.Rules()).SelectMany(service => others.Select(other => Join(service, other, ports)));
    }

    private static RuleText Join(RuleText service, RuleText peer, string? ports)
    {
        var rule = peer with { Protocol = service.Protocol, Matches = service.Matches.AddRange(peer.Matches) };
        return ports is null ? rule : rule.AndSet(ports, "dst,dst");
    }

    private IEnumerable<RuleText> Peers(AskedPeers peers)
    {
        if (peers.Everything)
        {
            yield return RuleText.All;
            yield break;
        }

        if (peers.IsInline)
        {
            foreach (var block in peers.Plain)
            {
                yield return direction == Direction.Ingress ? RuleText.All with { Source = block } : RuleText.All with { Destination = block };
            }
        }
        else
        {
            yield return InSet(SharedSet.OfBlocks(family, peers.Plain.Select(p => new SetMember(p))));
        }

        foreach (var block in peers.Cut)
        {
            yield return InSet(SharedSet.OfBlocks(family, KernelBlocks.Of(block)));
        }

        foreach (var group in peers.Groups)
        {
            yield return InSet(SharedSet.OfGroup(family, group));
        }
    }

    private RuleText InSet(SharedSet set) => RuleText.All.AndSet(Use(set), _side);

    private string Use(SharedSet set)
    {
        uses.Add(set);
        return set.Name;
    }
}
