using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;

namespace Vallum.Manifests.Tests.Parsing;

/// <summary>One row per thing that can be wrong with everything that is no policy.</summary>
public sealed class InventoryViolationTests
{
    public static readonly TheoryData<string, string, string> Rows = new()
    {
        { """{"tenant": {"name": "shop"}}""", "name", Reasons.InvalidName },
        { """{"tenant": {"name": "tenants/Shop"}}""", "name", Reasons.InvalidName },
        { """{"tenant": {"name": "tenants/shop\n"}}""", "name", Reasons.InvalidName },
        { """{"tenant": {"name": "tenants/shop/segments/web"}}""", "name", Reasons.InvalidName },
        { """{"tenant": {"name": "tenants/shop", "spec": {"defaultIngress": 3}}}""", "spec.defaultIngress", Reasons.UnknownEnumValue },
        { """{"tenant": {"name": "tenants/shop", "spec": {"defaultEgress": -3}}}""", "spec.defaultEgress", Reasons.UnknownEnumValue },
        { """{"tenant": {"name": "tenants/shop", "spec": {"externalIds": {"": "x"}}}}""", "spec.externalIds[\"\"]", Reasons.InvalidExternalId },
        { """{"tenant": {"name": "tenants/shop", "metadata": {"labels": {"a b": "x"}}}}""", "metadata.labels[\"a b\"]", Reasons.InvalidLabelKey },
        { """{"tenant": {"name": "tenants/shop", "metadata": {"labels": {"/a": "x"}}}}""", "metadata.labels[\"/a\"]", Reasons.InvalidLabelKey },
        { """{"tenant": {"name": "tenants/shop", "metadata": {"labels": {"Bad.Prefix/a": "x"}}}}""", "metadata.labels[\"Bad.Prefix/a\"]", Reasons.InvalidLabelKey },
        { """{"tenant": {"name": "tenants/shop", "metadata": {"labels": {"app": "-"}}}}""", "metadata.labels[\"app\"]", Reasons.InvalidLabelValue },
        { """{"tenant": {"name": "tenants/shop", "metadata": {"labels": {"app": "x\n"}}}}""", "metadata.labels[\"app\"]", Reasons.InvalidLabelValue },
        { """{"segment": {"name": "tenants/shop/segments/a.b"}}""", "name", Reasons.InvalidName },
        { """{"segment": {"name": "tenants/shop/segments/a", "spec": {"selector": {"matchLabels": {"": ""}}}}}""", "spec.selector.matchLabels[\"\"]", Reasons.InvalidLabelKey },
        { """{"endpoint": {"name": "tenants/shop/endpoints/UP"}}""", "name", Reasons.InvalidName },
        { Endpoint(""" "segment": "a.b" """), "spec.segment", Reasons.InvalidName },
        { Endpoint(""" "node": "a_b" """), "spec.node", Reasons.InvalidName },
        { Endpoint(""" "addresses": ["10.0.0.1", "10.0.0.1"] """), "spec.addresses[1]", Reasons.DuplicateAddress },
        { Endpoint(""" "addresses": ["fd00::1", "fd00:0::1"] """), "spec.addresses[1]", Reasons.DuplicateAddress },
        { Endpoint(""" "addresses": ["10.0.0.0/8"] """), "spec.addresses[0]", Reasons.InvalidAddress },
        { Endpoint(""" "addresses": ["10.1"] """), "spec.addresses[0]", Reasons.InvalidAddress },
        { Endpoint(""" "addresses": ["0.0.0.0"] """), "spec.addresses[0]", Reasons.InvalidAddress },
        { Endpoint(""" "addresses": ["ff02::1"] """), "spec.addresses[0]", Reasons.InvalidAddress },
        { Endpoint($""" "addresses": [{string.Join(',', Enumerable.Range(1, Limits.Addresses + 1).Select(i => $"\"10.0.0.{i}\""))}] """), "spec.addresses", Reasons.TooMany },
        { Endpoint(""" "interface": "cali+" """), "spec.interface", Reasons.InvalidInterface },
        { Endpoint(""" "interface": "a234567890123456" """), "spec.interface", Reasons.InvalidInterface },
        { Endpoint(""" "interface": ".." """), "spec.interface", Reasons.InvalidInterface },
        { Endpoint(""" "ports": [{"name": "80", "protocol": "tcp", "port": 80}] """), "spec.ports[0].name", Reasons.InvalidPortName },
        { Endpoint(""" "ports": [{"name": "http", "protocol": "icmp", "port": 80}] """), "spec.ports[0].protocol", Reasons.InvalidProtocol },
        { Endpoint(""" "ports": [{"name": "http", "protocol": "", "port": 80}] """), "spec.ports[0].protocol", Reasons.InvalidProtocol },
        { Endpoint(""" "ports": [{"name": "http", "protocol": "tcp", "port": 0}] """), "spec.ports[0].port", Reasons.InvalidPort },
        { Endpoint(""" "ports": [{"name": "http", "protocol": "tcp", "port": 80}, {"name": "http", "protocol": "TCP", "port": 81}] """), "spec.ports[1]", Reasons.DuplicatePortName },
        { """{"node": {"name": "nodes/"}}""", "name", Reasons.InvalidName },
        { """{"node": {"name": "nodes/n1", "spec": {"addresses": ["x"]}}}""", "spec.addresses[0]", Reasons.InvalidAddress },
        { """{"networkSet": {"name": "networksets/a"}}""", "name", Reasons.InvalidName },
        { """{"networkSet": {"name": "networkSets/a", "spec": {"cidrs": ["10.0.0.0/8", "10.0.0.1"]}}}""", "spec.cidrs[1]", Reasons.InvalidCidr },
        { "{}", "", Reasons.ExactlyOneRequired },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_is_wrong_is_told_with_path_and_reason(string json, string field, string reason) =>
        ObjectParser.Judge(Contracts.Api.V1.Object.Parser.ParseJson(json)).Select(v => (v.Field, v.Reason)).ShouldBe([(field, reason)]);

    [Fact]
    public void Defaults_are_filled_in()
    {
        var endpoint = ObjectParser.Parse(new Endpoint { Name = "tenants/shop/endpoints/web-1" }).Value;
        endpoint.Segment.Value.ShouldBe("default");
        endpoint.Node.ShouldBeNull();
        endpoint.Interface.ShouldBeNull();
        ObjectParser.Parse(new Tenant { Name = "tenants/shop" }).Value.DefaultIngress.ShouldBe(Policies.Model.Posture.Allow);
    }

    [Fact]
    public void The_same_port_name_for_two_protocols_is_right() => ObjectParser.Judge(Contracts.Api.V1.Object.Parser.ParseJson(
        Endpoint(""" "ports": [{"name": "dns", "protocol": "udp", "port": 53}, {"name": "dns", "protocol": "tcp", "port": 53}] """))).ShouldBeEmpty();

    [Fact]
    public void A_block_with_host_bits_is_the_block_around_it() =>
        ObjectParser.Parse(new NetworkSet { Name = "networkSets/a", Spec = new NetworkSetSpec { Cidrs = { "10.1.2.3/8", "10.0.0.0/8" } } })
            .Value.Cidrs.ShouldHaveSingleItem().ToString().ShouldBe("10.0.0.0/8");

    private static string Endpoint(string spec) => """{"endpoint": {"name": "tenants/shop/endpoints/web-1", "spec": {""" + spec + "}}}";
}
