using System.Collections.Immutable;
using Shouldly;
using Vallum.Cluster.Compiled;
using Vallum.Contracts.Agent.V1;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Encoding;
using Xunit;
using Domain = Vallum.Policies;

namespace Vallum.Distribution.Tests.Encoding;

public sealed class ResourceEncodingTests
{
    private static readonly GroupDefinition Web = new GroupDefinition.OfEndpoints(
        new ResolvedScope.Named(new TenantName("a")),
        new EndpointPart(new EndpointQuery(Selector.Of(Requirement.In("app", "web")))));

    [Fact]
    public void A_list_of_entries_that_many_resources_share_is_encoded_once_and_stays_shared()
    {
        ImmutableArray<ResourceEntry> list =
        [
            .. Enumerable.Range(0, 100).Select(number =>
                new ResourceEntry.Member(new GroupMember(Cidr.Host(Address.V4((uint)number))))),
        ];
        ResourceDelta[] deltas =
        [
            .. new[] { "a", "b" }.Select(name => new ResourceDelta(new(Domain.Resources.ResourceKind.GroupPart, name), ResourceHead.None.Instance, list, [])),
        ];

        var encoded = ResourceEncoding.Encode(deltas).ToArray();

        encoded[0].Added.ShouldBe(ResourceEncoding.Encode(deltas[0]).Added);
        encoded[1].Added.Equals(encoded[0].Added).ShouldBeTrue("one list, not two that are equal");
    }

    [Fact]
    public void A_binding_names_its_node_and_carries_endpoints_in_agent_bytes()
    {
        var entry = new ResourceEntry.BoundEndpoint(
            new EndpointId(new TenantName("a"), "web-1"), [Address.Parse("10.0.0.7"), Address.Parse("fd00::7")], "veth7", new ProfileId("p1"));

        var delta = ResourceEncoding.Encode(new ResourceDelta(new(Domain.Resources.ResourceKind.Binding, "n1"), ResourceHead.None.Instance, [entry], []));

        delta.Kind.ShouldBe(CompiledKind.Binding);
        delta.Name.ShouldBe("n1");
        delta.Head.ShouldBe([]);
        var bound = BindingEntry.Parser.ParseFrom(delta.Added.ShouldHaveSingleItem());
        bound.Endpoint.ShouldBe("a/web-1");
        bound.Interface.ShouldBe("veth7");
        bound.Profile.ShouldBe("p1");
        bound.Addresses.Select(a => Address.FromBytes(a.Span).ToString()).ShouldBe(["10.0.0.7", "fd00::7"]);
    }

    [Fact]
    public void A_profile_carries_its_posture_its_ports_and_the_policies_in_force()
    {
        var head = new ResourceHead.Profile([new Domain.Model.NamedPort("http", IpProtocol.Tcp, 8080)], Posture.Deny, Posture.Allow);
        var entry = new ResourceEntry.PolicyInForce(
            Domain.Model.Direction.Egress, Domain.Model.Tier.Baseline, 1000, new PolicyId(null, "base"), new PolicyRulesId("policies/base@a"), true);

        var delta = ResourceEncoding.Encode(new ResourceDelta(new(Domain.Resources.ResourceKind.Profile, "p1"), head, [entry], []));

        var profile = ProfileHead.Parser.ParseFrom(delta.Head);
        (profile.DefaultIngress, profile.DefaultEgress).ShouldBe((Contracts.Agent.V1.Action.Deny, Contracts.Agent.V1.Action.Allow));
        profile.NamedPorts.ShouldHaveSingleItem().ShouldBe(new Contracts.Agent.V1.NamedPort { Name = "http", Protocol = 6, Port = 8080 });
        ProfileEntry.Parser.ParseFrom(delta.Added.ShouldHaveSingleItem()).ShouldBe(new ProfileEntry
        {
            Direction = Contracts.Agent.V1.Direction.Egress,
            Tier = Contracts.Agent.V1.Tier.Baseline,
            Priority = 1000,
            Policy = "policies/base",
            Rules = "policies/base@a",
            Staged = true,
        });
    }

    [Fact]
    public void The_rules_of_a_policy_say_every_kind_of_peer_and_service_and_tell_what_their_groups_are()
    {
        var match = new CompiledMatch(
            [
                CompiledPeer.Any.Instance,
                new CompiledPeer.Group(Web.Id),
                new CompiledPeer.Block(Cidr.Parse("10.0.0.0/8"), [Cidr.Parse("10.1.0.0/16")]),
                CompiledPeer.LocalNode.Instance,
            ],
            [
                new Domain.Model.Service(IpProtocol.Tcp, [new PortMatch.Numbers(new Primitives.PortRange(80, 90)), new PortMatch.Named("http")]),
                new Domain.Model.Service(IpProtocol.Icmp, [], 8, 0),
                Domain.Model.Service.Any,
            ],
            new GroupId("ports"));
        var head = new ResourceHead.PolicyRules(
            new PolicyId(new TenantName("a"), "allow"), [new CompiledRule("r", RuleAction.Allow, [match], true)], [], Revocation.Cut, [Web]);

        var delta = ResourceEncoding.Encode(new ResourceDelta(new(Domain.Resources.ResourceKind.PolicyRules, "tenants/a/policies/allow"), head, [], []));

        delta.Groups.ShouldHaveSingleItem().Id.ShouldBe(Web.Id.Value);
        var rules = PolicyRulesHead.Parser.ParseFrom(delta.Head);
        rules.CutRevoked.ShouldBeTrue();
        rules.Policy.ShouldBe("tenants/a/policies/allow");
        var sent = rules.Ingress.ShouldHaveSingleItem().Matches.ShouldHaveSingleItem();
        sent.DestinationPorts.ShouldBe("ports");
        sent.Peers.Select(p => p.PeerCase).ShouldBe([Contracts.Agent.V1.Peer.PeerOneofCase.Any, Contracts.Agent.V1.Peer.PeerOneofCase.Group, Contracts.Agent.V1.Peer.PeerOneofCase.Block, Contracts.Agent.V1.Peer.PeerOneofCase.LocalNode]);
        sent.Peers[2].Block.Cidr.ToByteArray().ShouldBe([10, 0, 0, 0, 8]);
        sent.Peers[2].Block.Except.ShouldHaveSingleItem().ToByteArray().ShouldBe([10, 1, 0, 0, 16]);
        sent.Services[0].Ports.ShouldHaveSingleItem().ShouldBe(new Contracts.Agent.V1.PortRange { First = 80, Last = 90 });
        sent.Services[0].NamedPorts.ShouldBe(["http"]);
        (sent.Services[1].HasIcmpType, sent.Services[1].IcmpType, sent.Services[1].HasIcmpCode).ShouldBe((true, 8u, true));
        sent.Services[2].HasProtocol.ShouldBeFalse();
    }

    [Theory]
    [InlineData("10.0.0.1/32", null, new byte[] { 10, 0, 0, 1, 32 })]
    [InlineData("10.0.0.1/32", 8080, new byte[] { 10, 0, 0, 1, 32, 6, 0x1f, 0x90 })]
    [InlineData("fd00::/8", null, new byte[] { 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8 })]
    [InlineData("fd00::1/128", 53, new byte[] { 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 128, 6, 0, 53 })]
    public void A_member_is_its_address_its_prefix_length_and_maybe_its_port(string cidr, int? port, byte[] expected)
    {
        var member = port is { } p ? new GroupMember(Cidr.Parse(cidr), IpProtocol.Tcp, (ushort)p) : new GroupMember(Cidr.Parse(cidr));

        ResourceEncoding.EncodeEntry(new ResourceEntry.Member(member)).ShouldBe(expected);
    }

    [Fact]
    public void A_resource_that_goes_has_no_head_and_no_entries()
    {
        var delta = ResourceEncoding.Encode(ResourceDelta.Remove(new(Domain.Resources.ResourceKind.GroupPart, "g")));

        (delta.Kind, delta.Name, delta.Gone, delta.Head).ShouldBe((CompiledKind.GroupPart, "g", true, null));
        delta.Added.ShouldBeEmpty();
        delta.Removed.ShouldBeEmpty();
    }

    [Fact]
    public void A_head_that_stays_is_not_sent()
    {
        var member = new ResourceEntry.Member(new GroupMember(Cidr.Parse("10.0.0.1/32")));

        ResourceEncoding.Encode(new ResourceDelta(new(Domain.Resources.ResourceKind.GroupPart, "g"), null, [], [member])).Head.ShouldBeNull();
    }
}
