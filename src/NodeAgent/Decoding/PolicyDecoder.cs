using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Primitives;
using Domain = Vallum.Dataplane.Model;
using Wire = Vallum.Contracts.Agent.V1;

namespace Vallum.NodeAgent.Decoding;

/// <summary>
/// Profiles and rules from the wire. What this agent does not know becomes the model's Unknown, which is read closed, and <see cref="Unknown"/> says
/// what it was.
/// </summary>
internal sealed class PolicyDecoder
{
    private static readonly UnknownFields<Wire.PolicyRulesHead> RulesFields = new(Wire.PolicyRulesHead.Parser);
    private static readonly UnknownFields<Wire.ProfileEntry> EntryFields = new(Wire.ProfileEntry.Parser);

    private static readonly Domain.Match NotKnown = new([Domain.Peer.Unknown.Instance], [], null);

    private readonly List<string> _unknown = [];

    /// <summary>What was not understood, in words.</summary>
    public IReadOnlyList<string> Unknown => _unknown;

    public Domain.PolicyRules Rules(ByteString head)
    {
        var (wire, known) = RulesFields.Parse(head);
        return new Domain.PolicyRules(
            wire.Policy,
            [.. wire.Ingress.Select((rule, index) => Rule(rule, known?.Ingress[index]))],
            [.. wire.Egress.Select((rule, index) => Rule(rule, known?.Egress[index]))],
            wire.CutRevoked);
    }

    public Domain.Profile Profile(ByteString head, IEnumerable<ByteString> entries) =>
        Profile(head, [.. entries.Select(InForce).Order()]);

    /// <summary>The profile after a change of its entries. What did not change is the same object as before.</summary>
    /// <param name="before">It held nothing unknown: that would not be said again.</param>
    public Domain.Profile Profile(ByteString head, Domain.Profile before, IEnumerable<ByteString> added, IEnumerable<ByteString> removed)
    {
        var policies = before.Policies;
        foreach (var policy in removed.Select(InForce))
        {
            policies = policies.RemoveAt(policies.BinarySearch(policy));
        }

        foreach (var policy in added.Select(InForce))
        {
            var at = policies.BinarySearch(policy);
            policies = policies.Insert(at < 0 ? ~at : at, policy);
        }

        return Profile(head, policies);
    }

    private Domain.Profile Profile(ByteString head, ImmutableArray<Domain.PolicyInForce> policies)
    {
        var wire = Wire.ProfileHead.Parser.ParseFrom(head);
        return new Domain.Profile(
            [.. wire.NamedPorts.Select(p => new Domain.NamedPort(p.Name, Byte(p.Protocol, "protocol"), Port(p.Port)))],
            Posture(wire.DefaultIngress),
            Posture(wire.DefaultEgress),
            policies);
    }

    /// <summary>Anything but Allow closes.</summary>
    private bool Posture(Wire.Action action)
    {
        if (action is not (Wire.Action.Allow or Wire.Action.Deny))
        {
            _unknown.Add($"default posture {(int)action}");
        }

        return action == Wire.Action.Allow;
    }

    private Domain.PolicyInForce InForce(ByteString bytes)
    {
        var (entry, known) = EntryFields.Parse(bytes);
        return new Domain.PolicyInForce(
            entry.Direction switch
            {
                Wire.Direction.Ingress => Domain.Direction.Ingress,
                Wire.Direction.Egress => Domain.Direction.Egress,
                var other => Say(Domain.Direction.Unknown, $"direction {(int)other}"),
            },
            entry.Tier switch
            {
                _ when LacksSomeOf(known, entry) => Say(Domain.Tier.Unknown, "a field of an entry"),
                Wire.Tier.Admin => Domain.Tier.Admin,
                Wire.Tier.Tenant => Domain.Tier.Tenant,
                Wire.Tier.Baseline => Domain.Tier.Baseline,
                var other => Say(Domain.Tier.Unknown, $"tier {(int)other}"),
            },
            (int)Math.Min(entry.Priority, int.MaxValue),
            entry.Policy,
            entry.Rules,
            entry.Staged);
    }

    /// <param name="known">The rule without what is not known; null: nothing is unknown.</param>
    private Domain.Rule Rule(Wire.Rule rule, Wire.Rule? known) =>
        LacksSomeOf(known, rule) ? Rule(rule) with { Matches = [Say(NotKnown, $"a field of rule {rule.Name}")] } : Rule(rule);

    private Domain.Rule Rule(Wire.Rule rule) => new(
        rule.Name,
        rule.Action switch
        {
            Wire.Action.Allow => Domain.RuleAction.Allow,
            Wire.Action.Deny => Domain.RuleAction.Deny,
            Wire.Action.Pass => Domain.RuleAction.Pass,
            var other => Say(Domain.RuleAction.Unknown, $"action {(int)other}"),
        },
        [.. rule.Matches.Select(Match)],
        rule.Log);

    private Domain.Match Match(Wire.Match match) => new(
        [.. match.Peers.Select(Peer)],
        [.. match.Services.Select(Service)],
        match.DestinationPorts.Length == 0 ? null : match.DestinationPorts);

    private Domain.Peer Peer(Wire.Peer peer) => peer.PeerCase switch
    {
        Wire.Peer.PeerOneofCase.Any => Domain.Peer.Any.Instance,
        Wire.Peer.PeerOneofCase.Group => new Domain.Peer.Group(peer.Group),
        Wire.Peer.PeerOneofCase.Block => new Domain.Peer.Block(WireAddress.Block(peer.Block.Cidr), [.. peer.Block.Except.Select(WireAddress.Block)]),
        Wire.Peer.PeerOneofCase.LocalNode => Domain.Peer.LocalNode.Instance,
        _ => Say(Domain.Peer.Unknown.Instance, "a kind of peer"),
    };

    private Domain.Service Service(Wire.Service service)
    {
        if (service.Protocol > byte.MaxValue || service.IcmpType > byte.MaxValue || service.IcmpCode > byte.MaxValue)
        {
            return Say(Domain.Service.Unknown, $"service {service}");
        }

        return new Domain.Service(
            service.HasProtocol ? (byte)service.Protocol : null,
            [.. service.Ports.Select(p => new PortRange(Port(p.First), Port(p.Last)))],
            [.. service.NamedPorts],
            service.HasIcmpType ? (byte)service.IcmpType : null,
            service.HasIcmpCode ? (byte)service.IcmpCode : null);
    }

    private static bool LacksSomeOf(IMessage? known, IMessage whole) => known is not null && known.CalculateSize() != whole.CalculateSize();

    private T Say<T>(T closed, string what)
    {
        _unknown.Add(what);
        return closed;
    }

    private static byte Byte(uint value, string what) => value <= byte.MaxValue ? (byte)value : throw new FormatException($"{what} {value}");

    private static ushort Port(uint value) => value <= ushort.MaxValue ? (ushort)value : throw new FormatException($"port {value}");
}
