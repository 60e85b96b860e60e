using CsCheck;
using Vallum.Manifests.Own;
using Vallum.Manifests.Parsing;
using Vallum.Manifests.Writing;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Testing.Worlds;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Tests.Writing;

/// <summary>What is written is read back as it was: as a message, and as text.</summary>
public sealed class RoundTripTests
{
    /// <summary>Random policies as the API accepts them: rules have names of their own and a direction that is named, and subjects their tenants.</summary>
    private static readonly Gen<Policy> Policies = Gen.OneOf(PolicyGens.TenantPolicies, PolicyGens.OperatorPolicies, PolicyGens.HostPolicies).Select(Acceptable);

    [Fact]
    public void A_policy_is_read_back_as_it_was_written() => Policies.Sample(
        policy => Says(policy, ObjectParser.Parse(ObjectWriter.Write(policy))), iter: 2_000);

    [Fact]
    public void An_endpoint_is_read_back_as_it_was_written() => ObjectGens.Endpoints.Sample(
        endpoint => Says(endpoint, ObjectParser.Parse(ObjectWriter.Write(endpoint))));

    [Fact]
    public void Tenants_segments_nodes_and_network_sets_are_read_back_as_they_were_written()
    {
        ObjectGens.Tenants.Sample(tenant => Says(tenant, ObjectParser.Parse(ObjectWriter.Write(tenant))));
        ObjectGens.Segments.Sample(segment => Says(segment, ObjectParser.Parse(ObjectWriter.Write(segment))));
        ObjectGens.Nodes.Sample(node => Says(node, ObjectParser.Parse(ObjectWriter.Write(node))));
        ObjectGens.NetworkSets.Sample(set => Says(set, ObjectParser.Parse(ObjectWriter.Write(set))));
    }

    [Fact]
    public void An_object_written_as_yaml_is_the_same_message_when_read() => Policies.Sample(policy => IsSameText(
        new Api.Object { Policy = ObjectWriter.Write(policy) }, message => OwnKindWriter.ToYaml(message)));

    [Fact]
    public void An_object_written_as_json_is_the_same_message_when_read() => Policies.Sample(policy => IsSameText(
        new Api.Object { Policy = ObjectWriter.Write(policy) }, message => OwnKindWriter.ToJson(message)));

    [Fact]
    public void Every_kind_is_the_same_message_when_read()
    {
        ObjectGens.Tenants.Sample(t => IsSameText(new Api.Object { Tenant = ObjectWriter.Write(t) }, m => OwnKindWriter.ToYaml(m)), iter: 50);
        ObjectGens.Segments.Sample(s => IsSameText(new Api.Object { Segment = ObjectWriter.Write(s) }, m => OwnKindWriter.ToYaml(m)), iter: 50);
        ObjectGens.Endpoints.Sample(e => IsSameText(new Api.Object { Endpoint = ObjectWriter.Write(e) }, m => OwnKindWriter.ToYaml(m)), iter: 50);
        ObjectGens.Nodes.Sample(n => IsSameText(new Api.Object { Node = ObjectWriter.Write(n) }, m => OwnKindWriter.ToYaml(m)), iter: 50);
        ObjectGens.NetworkSets.Sample(s => IsSameText(new Api.Object { NetworkSet = ObjectWriter.Write(s) }, m => OwnKindWriter.ToYaml(m)), iter: 50);
    }

    private static bool IsSameText(Api.Object message, Func<Api.Object, string> write)
    {
        var text = write(message);
        var read = ManifestReader.Read("x", System.Text.Encoding.UTF8.GetBytes(text));
        read.Faults.ShouldBeEmpty(text);
        var again = read.Manifests.ShouldHaveSingleItem().Object;
        ObjectContent.Normalize(again).ShouldBe(ObjectContent.Normalize(message), text);
        write(again).ShouldBe(text);
        return true;
    }

    private static bool Says<T>(T expected, Parsed<T> parsed)
        where T : class
    {
        parsed.Violations.ShouldBeEmpty();
        return parsed.Value.Equals(expected);
    }

    private static Policy Acceptable(Policy policy) => policy with
    {
        Subject = [.. policy.Subject.Select(s => s with { Tenants = policy.Id.Tenant is not null ? TenantScope.Same.Instance : Subject(s.Tenants) })],
        Ingress = policy.Directions.Contains(Direction.Ingress) ? [.. policy.Ingress.Select((r, i) => Acceptable(r, $"in-{i}"))] : [],
        Egress = policy.Directions.Contains(Direction.Egress) ? [.. policy.Egress.Select((r, i) => Acceptable(r, $"out-{i}"))] : [],
    };

    private static TenantScope Subject(TenantScope scope) => scope is TenantScope.Same or TenantScope.Other ? new TenantScope.Matching(Selector.All) : scope;

    private static Rule Acceptable(Rule rule, string name) => rule with
    {
        Name = name,
        Services = [.. rule.Services.Select(s => s with { Ports = [.. s.Ports.Select(FromOne)] })],
    };

    /// <summary>Port 0 cannot be written.</summary>
    private static PortMatch FromOne(PortMatch port) =>
        port is PortMatch.Numbers { Range.First: 0 } numbers ? new PortMatch.Numbers(new PortRange(1, Math.Max((int)numbers.Range.Last, 1))) : port;
}
