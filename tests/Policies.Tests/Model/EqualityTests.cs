using CsCheck;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Model;

/// <summary>Records that hold collections compare them by content: the same world made twice is the same.</summary>
public sealed class EqualityTests
{
    [Fact]
    public void The_same_policy_built_twice_is_equal() => IsEqualToItsCopy(PolicyGens.OperatorPolicies, Copy);

    [Fact]
    public void The_same_endpoint_built_twice_is_equal() =>
        IsEqualToItsCopy(
            ObjectGens.Endpoints, e => e with { Addresses = [.. e.Addresses.ToArray()], NamedPorts = [.. e.NamedPorts.ToArray()] });

    [Fact]
    public void The_same_node_built_twice_is_equal() =>
        IsEqualToItsCopy(ObjectGens.Nodes, n => n with { Addresses = [.. n.Addresses.ToArray()] });

    [Fact]
    public void The_same_network_set_built_twice_is_equal() =>
        IsEqualToItsCopy(ObjectGens.NetworkSets, s => s with { Cidrs = [.. s.Cidrs.ToArray()] });

    [Fact]
    public void Different_policies_are_not_equal() =>
        Gen.Select(PolicyGens.TenantPolicies, PolicyGens.TenantPolicies).Sample(
            (one, other) => one.Equals(other).ShouldBe(WorldText.Of(one) == WorldText.Of(other)), iter: 1000);

    [Fact]
    public void Different_endpoints_are_not_equal() =>
        Gen.Select(ObjectGens.Endpoints, ObjectGens.Endpoints).Sample(
            (one, other) => one.Equals(other).ShouldBe(WorldText.Of(one) == WorldText.Of(other)), iter: 1000);

    [Fact]
    public void Names_of_tenants_in_a_scope_are_a_set()
    {
        var (a, b) = (new TenantName("a"), new TenantName("b"));

        new TenantScope.Named(b, a, b).ShouldBe(new TenantScope.Named(a, b));
        new TenantScope.Named(b, a, b).GetHashCode().ShouldBe(new TenantScope.Named(a, b).GetHashCode());
    }

    [Fact]
    public void Segments_of_a_query_are_a_set()
    {
        var (a, b) = (new SegmentName("a"), new SegmentName("b"));

        new EndpointQuery(Selector.All, b, a, b).ShouldBe(new EndpointQuery(Selector.All, a, b));
        new EndpointQuery(Selector.All, b, a, b).ToString().ShouldBe(new EndpointQuery(Selector.All, a, b).ToString());
    }

    [Fact]
    public void Operators_policies_come_before_tenants_ones()
    {
        PolicyId[] ids = [new(new TenantName("a"), "x"), new(null, "z"), new(new TenantName("a"), "b"), new(null, "y")];

        ids.Order().Select(i => i.ToString()).ShouldBe(["policies/y", "policies/z", "tenants/a/policies/b", "tenants/a/policies/x"]);
    }

    private static void IsEqualToItsCopy<T>(Gen<T> gen, Func<T, T> copy)
        where T : notnull =>
        gen.Sample(
            value =>
            {
                copy(value).ShouldBe(value);
                copy(value).GetHashCode().ShouldBe(value.GetHashCode());
            },
            iter: 300);

    private static Policy Copy(Policy policy) => policy with
    {
        Subject = [.. policy.Subject.Select(s => new EndpointSelector(s.Tenants, new EndpointQuery(s.Query.Selector, s.Query.Segments)))],
        Directions = [.. policy.Directions.ToArray()],
        Ingress = [.. policy.Ingress.Select(Copy)],
        Egress = [.. policy.Egress.Select(Copy)],
    };

    private static Rule Copy(Rule rule) => rule with { Peers = [.. rule.Peers.Select(Copy)], Services = [.. rule.Services.Select(Copy)] };

    private static Peer Copy(Peer peer) => peer switch
    {
        Peer.Block b => new Peer.Block(b.Cidr, [.. b.Except.ToArray()]),
        Peer.Any => new Peer.Any(),
        Peer.Endpoints e => new Peer.Endpoints(e.Selector with { }),
        _ => peer,
    };

    private static Service Copy(Service service) => service with { Ports = [.. service.Ports.Select(Copy)] };

    private static PortMatch Copy(PortMatch port) => port switch
    {
        PortMatch.Numbers n => new PortMatch.Numbers(new PortRange(n.Range.First, n.Range.Last)),
        PortMatch.Named n => new PortMatch.Named(n.Name),
        _ => port,
    };
}
