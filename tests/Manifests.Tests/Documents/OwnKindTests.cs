using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Own;

namespace Vallum.Manifests.Tests.Documents;

public sealed class OwnKindTests
{
    private const string Shop = """
        apiVersion: vallum.io/v1
        kind: Policy
        metadata:
          name: web
          tenant: shop
          labels: {tier: front, version: 1.10}
        spec:
          mode: staged
          subject: [{segments: [web]}]
          directions: [Ingress, EGRESS]
          ingress:
          - action: Allow
            peers:
            - any: {}
            - endpoints:
                tenants: {relation: Other}
                selector:
                  matchExpressions: [{key: env, operator: NotIn, values: [dev, 7]}]
            services:
            - protocol: tcp
              ports: [80, "8000-8999", http]
            - {protocol: icmp, icmpType: 0}
        """;

    [Fact]
    public void Words_and_numbers_are_taken_as_people_write_them()
    {
        var policy = Read.One(Shop).Policy;
        policy.Name.ShouldBe("tenants/shop/policies/web");
        policy.Metadata.Labels["version"].ShouldBe("1.10");
        policy.Spec.Mode.ShouldBe(PolicyMode.Staged);
        policy.Spec.Directions.ShouldBe([Direction.Ingress, Direction.Egress]);
        policy.Spec.Ingress[0].Peers[1].Endpoints.Selector.MatchExpressions[0].Operator.ShouldBe(LabelOperator.NotIn);
        policy.Spec.Ingress[0].Peers[1].Endpoints.Selector.MatchExpressions[0].Values.ShouldBe(["dev", "7"]);
        policy.Spec.Ingress[0].Services[0].Ports.ShouldBe(["80", "8000-8999", "http"]);
        policy.Spec.Ingress[0].Services[1].HasIcmpType.ShouldBeTrue();
        policy.Spec.Ingress[0].Services[1].IcmpType.ShouldBe(0);
    }

    [Fact]
    public void A_policy_without_a_tenant_is_the_operators() => Read.One("""
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: no-telnet}
        spec:
          tier: Admin
          directions: [Ingress]
          subject: [{tenants: {selector: {}}}]
          ingress: [{action: Deny, peers: [{any: {}}], services: [{protocol: tcp, ports: [23]}]}]
        """).Policy.Name.ShouldBe("policies/no-telnet");

    [Fact]
    public void Json_reads_as_yaml_does() => Read.One("""
        {"apiVersion": "vallum.io/v1", "kind": "NetworkSet", "metadata": {"name": "office"},
         "spec": {"cidrs": ["10.0.0.0/8"]}}
        """).NetworkSet.Spec.Cidrs.ShouldBe(["10.0.0.0/8"]);

    [Fact]
    public void Many_documents_and_lists_in_one_file_are_read_in_their_order() => Read.Text("""
        # nothing but a remark
        ---
        apiVersion: vallum.io/v1
        kind: Tenant
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: List
        items:
        - {apiVersion: vallum.io/v1, kind: Segment, metadata: {name: web, tenant: shop}}
        - apiVersion: v1
          kind: List
          items:
          - {apiVersion: vallum.io/v1, kind: Node, metadata: {name: n1}, spec: {addresses: [10.0.0.1]}}
        ---
        """).Manifests.Select(m => (m.Origin, m.Line)).ShouldBe([("Tenant", 3), ("Segment", 10), ("Node", 14)]);

    [Fact]
    public void Anchors_and_merges_stand_for_what_they_name() => Read.Text("""
        apiVersion: v1
        kind: List
        items:
        - apiVersion: vallum.io/v1
          kind: Endpoint
          metadata: {name: a, tenant: shop, labels: &labels {app: web, env: prod}}
        - apiVersion: vallum.io/v1
          kind: Endpoint
          metadata: {name: b, tenant: shop, labels: {<<: *labels, env: dev}}
        """).Manifests[1].Object.Endpoint.Metadata.Labels.ToDictionary().ShouldBe(new Dictionary<string, string> { ["env"] = "dev", ["app"] = "web" }, ignoreOrder: true);

    [Fact]
    public void All_faults_come_at_once_each_with_its_line() => Read.FaultsOf("""
        apiVersion: vallum.io/v1
        kind: Policy
        metadata:
          name: web
          tenant: shop
          namespace: x
        spec:
          priority: high
          directions: [Ingres]
          subject: {segments: [web]}
          ingres:
          - peers: []
          ingress:
          - peers:
            - ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}
              any: {}
            - 7
            - ipBlock: {cidr: 10.0.0.0/33}
            log: maybe
        extra: 1
        ---
        apiVersion: vallum.io/v1
        kind: Segment
        metadata: {name: web}
        """).ShouldBe([
        "shop.yaml:6: metadata.namespace: unknown field; known are name, tenant, labels, etag",
        "shop.yaml:8: spec.priority: a whole number is wanted, and there is a text: 'high'",
        "shop.yaml:9: spec.directions[0]: 'Ingres' is none of Ingress, Egress",
        "shop.yaml:10: spec.subject: a list is wanted, and there is a mapping",
        "shop.yaml:11: spec.ingres: unknown field; did you mean ingress?",
        "shop.yaml:16: spec.ingress[0].peers[0]: both ipBlock and any are given: give exactly one",
        "shop.yaml:17: spec.ingress[0].peers[1]: a mapping is wanted, and there is a number: '7'",
        "shop.yaml:19: spec.ingress[0].log: true or false is wanted, and there is a text: 'maybe'",
        "shop.yaml:20: extra: unknown field; known are apiVersion, kind, metadata, spec",
        "shop.yaml:18: spec.ingress[0].peers[2].ipBlock.cidr: '10.0.0.0/33' is not a CIDR such as 10.0.0.0/8 or fd00::/64",
        "shop.yaml:24: metadata.tenant: is missing",
    ]);

    [Fact]
    public void What_the_object_says_is_judged_at_its_line() => Read.FaultsOf("""
        apiVersion: vallum.io/v1
        kind: Endpoint
        metadata:
          name: web-1
          tenant: shop
          labels:
            app.kubernetes.io/name: "not a value"
        spec:
          addresses:
          - 10.0.0.1
          - 10.0.0.999
        """).Select(f => f.Split(" is not")[0]).ShouldBe([
        "shop.yaml:7: metadata.labels[\"app.kubernetes.io/name\"]: 'not a value'",
        "shop.yaml:11: spec.addresses[1]: '10.0.0.999'",
    ]);

    [Theory]
    [InlineData("apiVersion: vallum.io/v2\nkind: Policy", "shop.yaml:1: apiVersion: 'vallum.io/v2' is not known here: vallum.io/v1")]
    [InlineData("apiVersion: vallum.io/v1\nkind: Polcy", "shop.yaml:1: kind: 'Polcy' is no kind of vallum.io/v1; did you mean Policy?")]
    [InlineData("apiVersion: example.com/v1\nkind: Policy", "shop.yaml:1: kind: 'Policy' of 'example.com/v1' is not known here")]
    [InlineData("apiVersion: crd.projectcalico.org/v1\nkind: NetworkPolicy", "shop.yaml:1: kind: 'NetworkPolicy' of 'crd.projectcalico.org/v1' is not known here")]
    [InlineData("apiVersion: networking.k8s.io/v1beta1\nkind: NetworkPolicy", "shop.yaml:1: kind: 'NetworkPolicy' of 'networking.k8s.io/v1beta1' is not known here")]
    [InlineData("kind: Policy", "shop.yaml:1: apiVersion: is missing: every object says what it is, such as 'apiVersion: vallum.io/v1' and 'kind: Policy'")]
    [InlineData("hello", "shop.yaml:1: an object with apiVersion and kind is wanted, and there is a text")]
    [InlineData("apiVersion: vallum.io/v1\nkind: Tenant\nmetadata: {name: Shop}", "shop.yaml:3: metadata.name: 'Shop' is not the name of a tenant: at most 63 lower-case letters, digits and '-', beginning and ending with a letter or digit")]
    [InlineData("apiVersion: vallum.io/v1\nkind: Node\nmetadata: {name: n, tenant: x}", "shop.yaml:3: metadata.tenant: a Node belongs to no tenant: leave it out")]
    public void A_document_that_says_nothing_known_is_a_fault(string text, string fault) => Read.FaultsOf(text).ShouldBe([fault]);

    [Fact]
    public void What_is_printed_is_friendly_and_in_a_fixed_order() => OwnKindWriter.ToYaml(Read.One(Shop)).ShouldBe("""
        apiVersion: vallum.io/v1
        kind: Policy
        metadata:
          name: web
          tenant: shop
          labels:
            tier: front
            version: "1.10"
        spec:
          mode: Staged
          subject:
          - segments:
            - web
          directions:
          - Ingress
          - Egress
          ingress:
          - action: Allow
            peers:
            - any: {}
            - endpoints:
                tenants:
                  relation: Other
                selector:
                  matchExpressions:
                  - key: env
                    operator: NotIn
                    values:
                    - dev
                    - "7"
            services:
            - protocol: tcp
              ports:
              - "80"
              - 8000-8999
              - http
            - protocol: icmp
              icmpType: 0

        """.ReplaceLineEndings("\n"));

    [Fact]
    public void What_the_server_says_is_printed_on_request_and_read_over()
    {
        var message = Read.One(Shop);
        message.Policy.Metadata.Uid = "abc";
        message.Policy.Metadata.Revision = 12;
        message.Policy.Metadata.CreateTime = new Google.Protobuf.WellKnownTypes.Timestamp { Seconds = 1_700_000_000 };
        message.Policy.Status = new PolicyStatus { Phase = PolicyStatus.Types.Phase.Realized, NodesDesired = 3 };
        var text = OwnKindWriter.ToYaml(message, withOutput: true);
        text.ShouldContain("uid: abc");
        text.ShouldContain("phase: Realized");
        text.ShouldContain("2023-11-14T22:13:20Z");
        Read.One(text).Policy.Status.ShouldBeNull();
    }

    [Fact]
    public void A_printed_list_is_read_back() => Read.Text(OwnKindWriter.ToJson([Read.One(Shop), Read.One(Shop)])).Manifests.Length.ShouldBe(2);
}
