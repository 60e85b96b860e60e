using System.Globalization;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Testing.Worlds;

/// <summary>
/// Worlds and flows in few words, for tests that are read. Labels are "app=a,env=b"; an endpoint is "tenant/name"; a service is "tcp/80",
/// "tcp/80-90", "tcp/http", "tcp", "icmp/8", "icmp/3.4", "47" or "any".
/// </summary>
public static class Given
{
    public static ClusterState World(params IEnumerable<ClusterChange> changes) =>
        changes.Aggregate(ClusterState.Empty, (state, c) => c.Apply(state));

    public static ClusterState With(this ClusterState state, params IEnumerable<ClusterChange> changes) =>
        changes.Aggregate(state, (s, c) => c.Apply(s));

    public static ClusterChange Tenant(string name, string labels = "", Posture ingress = Posture.Allow, Posture egress = Posture.Allow) =>
        new ClusterChange.PutTenant(new Tenant(new TenantName(name), Labels(labels), ingress, egress));

    public static ClusterChange Segment(string tenant, string name, Selector? picks = null) =>
        new ClusterChange.PutSegment(new Segment(new TenantName(tenant), new SegmentName(name), picks));

    /// <param name="addresses">Separated by blanks.</param>
    /// <param name="ports">"http=tcp/80 dns=udp/53".</param>
    public static ClusterChange Endpoint(
        string id,
        string addresses,
        string labels = "",
        string segment = "default",
        string? node = "n1",
        string ports = "",
        bool hostNetwork = false) =>
        new ClusterChange.PutEndpoint(new Endpoint(
            Id(id),
            new SegmentName(segment),
            node is null ? null : new NodeName(node),
            [.. Words(addresses).Select(Address.Parse)],
            null,
            Labels(labels),
            [.. Words(ports).Select(NamedPort).Order()],
            hostNetwork));

    public static ClusterChange Node(string name, string addresses, string labels = "") =>
        new ClusterChange.PutNode(new Node(new NodeName(name), Labels(labels), [.. Words(addresses).Select(Address.Parse)]));

    public static ClusterChange NetworkSet(string name, string cidrs) =>
        new ClusterChange.PutNetworkSet(new NetworkSet(new NetworkSetName(name), [.. Words(cidrs).Select(Cidr.Parse)]));

    /// <summary>
    /// A policy of the Tenant tier over the tenant's endpoints that <paramref name="subject"/> matches; a direction without rules (null)
    /// is not covered.
    /// </summary>
    public static ClusterChange Policy(
        string id, string subject = "", Rule[]? ingress = null, Rule[]? egress = null, PolicyMode mode = PolicyMode.Enforced) =>
        Put(new PolicyId(Id(id).Tenant, Id(id).Name), Tier.Tenant, 0, [Own(subject)], ingress, egress, mode);

    /// <summary>An operator's policy over the endpoints of all tenants that <paramref name="subject"/> matches.</summary>
    public static ClusterChange Operator(
        string name,
        Tier tier,
        int priority,
        string subject = "",
        Rule[]? ingress = null,
        Rule[]? egress = null,
        PolicyMode mode = PolicyMode.Enforced) =>
        Put(new PolicyId(null, name), tier, priority, [Own(subject)], ingress, egress, mode);

    /// <summary>An operator's policy about the nodes that <paramref name="nodes"/> matches.</summary>
    public static ClusterChange Host(
        string name,
        Tier tier,
        int priority,
        string nodes = "",
        Rule[]? ingress = null,
        Rule[]? egress = null,
        PolicyMode mode = PolicyMode.Enforced)
    {
        var put = (ClusterChange.PutPolicy)Put(new PolicyId(null, name), tier, priority, [], ingress, egress, mode);
        return put with { Policy = put.Policy with { Nodes = [Own(nodes).Query.Selector] } };
    }

    /// <summary>Any policy with the subjects written out.</summary>
    public static ClusterChange Put(
        PolicyId id,
        Tier tier,
        int priority,
        EndpointSelector[] subject,
        Rule[]? ingress,
        Rule[]? egress,
        PolicyMode mode = PolicyMode.Enforced) =>
        new ClusterChange.PutPolicy(new Policy(
            id,
            tier,
            priority,
            mode,
            Revocation.Keep,
            [.. subject],
            [.. ingress is null ? [] : new[] { Direction.Ingress }, .. egress is null ? [] : new[] { Direction.Egress }],
            [.. ingress ?? []],
            [.. egress ?? []]));

    public static Rule Allow(Peer[]? peers = null, string services = "", string name = "") => Rule(RuleAction.Allow, peers, services, name);

    public static Rule Deny(Peer[]? peers = null, string services = "", string name = "") => Rule(RuleAction.Deny, peers, services, name);

    public static Rule Pass(Peer[]? peers = null, string services = "", string name = "") => Rule(RuleAction.Pass, peers, services, name);

    /// <param name="services">Separated by blanks.</param>
    public static Rule Rule(RuleAction action, Peer[]? peers, string services, string name = "") =>
        new(name, action, [.. peers ?? []], [.. Words(services).Select(Service)]);

    public static EndpointSelector Own(string labels = "", params string[] segments) => Of(TenantScope.Same.Instance, labels, segments);

    public static EndpointSelector Of(TenantScope scope, string labels = "", params string[] segments) =>
        new(scope, new EndpointQuery(Selector(labels), segments.Select(s => new SegmentName(s))));

    public static Peer Any => Peer.Any.Instance;

    public static Peer Endpoints(string labels) => new Peer.Endpoints(Own(labels));

    public static Peer Endpoints(EndpointSelector selector) => new Peer.Endpoints(selector);

    /// <param name="except">Separated by blanks.</param>
    public static Peer Block(string cidr, string except = "") => new Peer.Block(Cidr.Parse(cidr), [.. Words(except).Select(Cidr.Parse)]);

    public static Selector Selector(string labels) =>
        Policies.Model.Selector.Of(Labels(labels).Select(l => Requirement.In(l.Key, l.Value)));

    public static LabelSet Labels(string labels) =>
        LabelSet.Of(
            labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')).Select(p => KeyValuePair.Create(p[0], p[1])));

    /// <summary>
    /// "10.0.0.1 → 10.0.0.2 tcp/80", as <see cref="Policies.Evaluation.Flow.ToString"/> writes it; an ICMP code may be left out.
    /// </summary>
    public static Flow Flow(string text)
    {
        var words = Words(text);
        var (protocol, detail) = Protocol(words[3]);
        var (source, destination) = (Address.Parse(words[0]), Address.Parse(words[2]));
        if (protocol is IpProtocol.Icmp or IpProtocol.IcmpV6)
        {
            var numbers = Numbers(detail!);
            return new Flow(source, destination, protocol.Value, icmpType: (byte)numbers[0], icmpCode: (byte)numbers.ElementAtOrDefault(1));
        }

        return new Flow(source, destination, protocol!.Value, detail is null ? null : (ushort)Number(detail));
    }

    public static Verdict Verdict(this ClusterState state, string flow, NodeMode nodeMode = NodeMode.Exempt) =>
        new Evaluator(state, nodeMode).Evaluate(Flow(flow));

    public static bool Allows(this ClusterState state, string flow, NodeMode nodeMode = NodeMode.Exempt) =>
        state.Verdict(flow, nodeMode).Allowed;

    public static EndpointId Id(string text)
    {
        var parts = text.Split('/');
        return new EndpointId(new TenantName(parts[0]), parts[1]);
    }

    public static Service Service(string text)
    {
        var (protocol, detail) = Protocol(text);
        if (protocol is IpProtocol.Icmp or IpProtocol.IcmpV6 && detail is not null)
        {
            var numbers = Numbers(detail);
            return new Service(protocol, [], (byte)numbers[0], numbers.Length > 1 ? (byte)numbers[1] : null);
        }

        return new Service(protocol, detail is null ? [] : [PortMatch(detail)]);
    }

    private static PortMatch PortMatch(string text)
    {
        if (!char.IsAsciiDigit(text[0]))
        {
            return new PortMatch.Named(text);
        }

        var ends = text.Split('-').Select(Number).ToArray();
        return new PortMatch.Numbers(new PortRange(ends[0], ends[^1]));
    }

    private static NamedPort NamedPort(string text)
    {
        var parts = text.Split('=');
        var (protocol, port) = Protocol(parts[1]);
        return new NamedPort(parts[0], protocol!.Value, (ushort)Number(port!));
    }

    private static (byte? Protocol, string? Detail) Protocol(string text)
    {
        var parts = text.Split('/');
        byte? protocol = parts[0] switch
        {
            "any" => null,
            "tcp" => IpProtocol.Tcp,
            "udp" => IpProtocol.Udp,
            "sctp" => IpProtocol.Sctp,
            "icmp" => IpProtocol.Icmp,
            "icmpv6" => IpProtocol.IcmpV6,
            var number => (byte)Number(number),
        };
        return (protocol, parts.ElementAtOrDefault(1));
    }

    private static int[] Numbers(string text) => [.. text.Split('.').Select(Number)];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
