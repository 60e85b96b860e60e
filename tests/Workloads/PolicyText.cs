using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Workloads;

/// <summary>What the policies of each pattern say.</summary>
internal static class PolicyText
{
    private const int FirstPort = 1_000;
    private const int LastPort = 61_000;

    /// <summary>How far apart in the tenant's apps the two sides of a policy are.</summary>
    private const int PeerDistance = 7;

    public static Policy Of(Shape shape, PolicyId id, int tenant, int number, int edition)
    {
        var (subject, rules) = shape.Pattern switch
        {
            PolicyPattern.Isolated when number == 0 => (new EndpointQuery(Selector.All), []),
            PolicyPattern.Isolated => (App(shape, number - 1), new[] { Allow(Same(App(shape, number - 1)), IpProtocol.Tcp, 8080 + edition) }),
            PolicyPattern.Overlapping => (Labelled("all", "yes"), [Allow(Same(App(shape, number + PeerDistance)), IpProtocol.Tcp, number + edition)]),
            PolicyPattern.Teams => (App(shape, number), [Allow(Team(shape, tenant + number, App(shape, number + 1)), IpProtocol.Tcp, number + edition)]),
            PolicyPattern.OwnEndpoint => (Labelled("id", $"i{number}"), [Allow(Same(App(shape, number + PeerDistance)), IpProtocol.Tcp, number + edition)]),
            PolicyPattern.Ports => (OfSegment, [Allow(Same(OfSegment), number % 2 == 0 ? IpProtocol.Tcp : IpProtocol.Udp, (number / 2) + edition)]),
            _ => (App(shape, number), [Allow(Same(App(shape, number + PeerDistance)), IpProtocol.Tcp, number + edition)]),
        };
        return new Policy(
            id, Tier.Tenant, 0, PolicyMode.Enforced, Revocation.Keep, [new EndpointSelector(TenantScope.Same.Instance, subject)], [Direction.Ingress], [.. rules], []);
    }

    private static EndpointQuery OfSegment => new(Selector.All, World.SegmentAt(0));

    private static EndpointQuery App(Shape shape, int number) => Labelled("app", $"a{number % shape.LabelSets}");

    private static EndpointQuery Labelled(string key, string value) => new(Selector.Of(Requirement.In(key, value)));

    private static EndpointSelector Same(EndpointQuery query) => new(TenantScope.Same.Instance, query);

    private static EndpointSelector Team(Shape shape, int team, EndpointQuery query) =>
        new(new TenantScope.Matching(Selector.Of(Requirement.In("team", $"t{team % shape.Teams}"))), query);

    private static Rule Allow(EndpointSelector peers, byte protocol, int port)
    {
        var number = (ushort)(FirstPort + (port % (LastPort - FirstPort)));
        return new Rule(
            "ingress-0", RuleAction.Allow, [new Peer.Endpoints(peers)], [new Service(protocol, [new PortMatch.Numbers(new PortRange(number, number))])]);
    }
}
