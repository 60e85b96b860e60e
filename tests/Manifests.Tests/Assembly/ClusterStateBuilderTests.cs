using Vallum.Manifests.Assembly;
using Vallum.Manifests.Parsing;
using Vallum.Manifests.Tests.Documents;
using Vallum.Policies.Model;

namespace Vallum.Manifests.Tests.Assembly;

public sealed class ClusterStateBuilderTests
{
    private const string Shop = """
        apiVersion: vallum.io/v1
        kind: Tenant
        metadata: {name: shop}
        ---
        apiVersion: vallum.io/v1
        kind: Segment
        metadata: {name: web, tenant: shop}
        ---
        apiVersion: vallum.io/v1
        kind: Endpoint
        metadata: {name: web-1, tenant: shop}
        spec: {segment: web, addresses: [10.0.0.1]}
        ---
        """;

    [Fact]
    public void What_is_right_becomes_a_state()
    {
        var built = Build("");
        built.Violations.ShouldBeEmpty();
        built.State.Endpoints.Keys.ShouldHaveSingleItem().ToString().ShouldBe("shop/web-1");
    }

    [Theory]
    [InlineData("kind: Endpoint\nmetadata: {name: b, tenant: shop}\nspec: {segment: db}", "spec.segment", Reasons.UnknownSegment)]
    [InlineData("kind: Endpoint\nmetadata: {name: b, tenant: shop}", "spec.segment", Reasons.UnknownSegment)]
    [InlineData("kind: Endpoint\nmetadata: {name: b, tenant: shop}\nspec: {segment: web, addresses: [10.0.0.2, 10.0.0.1]}", "spec.addresses[1]", Reasons.AddressInUse)]
    [InlineData("kind: Endpoint\nmetadata: {name: web-1, tenant: shop}\nspec: {segment: web}", "name", Reasons.DuplicateName)]
    [InlineData("kind: Segment\nmetadata: {name: web, tenant: other}", "name", Reasons.UnknownTenant)]
    [InlineData("kind: Policy\nmetadata: {name: p, tenant: other}\nspec: {directions: [Ingress]}", "name", Reasons.UnknownTenant)]
    [InlineData("kind: Policy\nmetadata: {name: p, tenant: shop}\nspec: {directions: [Ingress], subject: [{segments: [web, db]}]}", "spec.subject[0].segments", Reasons.UnknownSegment)]
    [InlineData("kind: Policy\nmetadata: {name: p, tenant: shop}\nspec: {directions: [Egress], egress: [{}, {peers: [{any: {}}, {endpoints: {segments: [db]}}]}]}", "spec.egress[1].peers[1].endpoints.segments", Reasons.UnknownSegment)]
    [InlineData("kind: Policy\nmetadata: {name: p, tenant: shop}\nspec: {directions: [Ingress], ingress: [{peers: [{networkSet: office}]}]}", "spec.ingress[0].peers[0].networkSet", Reasons.UnknownNetworkSet)]
    [InlineData("kind: Policy\nmetadata: {name: p}\nspec: {tier: Admin, directions: [Ingress], ingress: [{peers: [{networkSet: office}]}]}", "spec.ingress[0].peers[0].networkSet", Reasons.UnknownNetworkSet)]
    public void A_reference_to_nothing_is_a_violation(string document, string field, string reason) =>
        Build($"apiVersion: vallum.io/v1\n{document}").Violations.Select(v => (v.Index, v.Violation.Field, v.Violation.Reason)).ShouldBe([(3, field, reason)]);

    [Theory]
    [InlineData("kind: Policy\nmetadata: {name: p, tenant: shop}\nspec: {directions: [Ingress], ingress: [{peers: [{endpoints: {tenants: {names: [other]}, segments: [db]}}]}]}")]
    [InlineData("kind: Policy\nmetadata: {name: p}\nspec: {tier: Admin, directions: [Ingress], subject: [{tenants: {selector: {}}, segments: [db]}]}")]
    [InlineData("kind: Endpoint\nmetadata: {name: host, tenant: shop}\nspec: {segment: web, addresses: [10.0.0.1], hostNetwork: true}")]
    public void Segments_of_other_tenants_and_the_addresses_of_host_pods_are_nobodys_claim(string document) =>
        Build($"apiVersion: vallum.io/v1\n{document}").Violations.ShouldBeEmpty();

    [Fact]
    public void A_segment_that_somebody_names_cannot_go()
    {
        var state = Build("").State;
        var violation = ReferenceCheck.JudgeRemoval(new SegmentName("web"), state.Endpoints.Values, state.Policies.Values).ShouldNotBeNull();
        violation.Reason.ShouldBe(Reasons.SegmentInUse);
        violation.Description.ShouldContain("endpoint shop/web-1");
        ReferenceCheck.JudgeRemoval(new SegmentName("db"), state.Endpoints.Values, state.Policies.Values).ShouldBeNull();
    }

    private static AssembledState Build(string more)
    {
        var read = Read.Text($"{Shop}\n{more}");
        read.Faults.ShouldBeEmpty();
        return ClusterStateBuilder.Build([.. read.Manifests.Select(m => m.Object)]);
    }
}
