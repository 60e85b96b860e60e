using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Tests.Documents;

namespace Vallum.Manifests.Tests.Kubernetes;

public sealed class ClusterNetworkPolicyTests
{
    private const string Cluster = "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: all}\nspec: ";

    [Fact]
    public void A_cluster_network_policy_is_the_operators()
    {
        var policy = Read.One(Cluster + """

              tier: Admin
              priority: 34
              subject: {namespaces: {matchLabels: {kind: prod}}}
              ingress:
              - name: from-monitoring
                action: Accept
                from: [{pods: {namespaceSelector: {matchLabels: {name: monitoring}}, podSelector: {}}}]
                protocols:
                - tcp: {destinationPort: {number: 9100}}
                - udp: {destinationPort: {range: {start: 100, end: 200}}}
                - sctp: {}
                - destinationNamedPort: metrics
              - action: Pass
                from: [{namespaces: {}}]
              egress:
              - name: from-monitoring
                action: Deny
                to:
                - networks: [10.0.0.0/8, "fd00::/8"]
                - nodes: {}
            """).Policy;
        policy.Name.ShouldBe("policies/all");
        policy.Spec.Tier.ShouldBe(Tier.Admin);
        policy.Spec.Priority.ShouldBe(34);
        policy.Spec.Directions.ShouldBe([Direction.Ingress, Direction.Egress]);
        policy.Spec.Subject.ShouldHaveSingleItem().Tenants.Selector.MatchLabels["kind"].ShouldBe("prod");
        policy.Spec.Ingress.Select(r => r.Action).ShouldBe([RuleAction.Allow, RuleAction.Pass]);
        policy.Spec.Ingress[0].Services.Select(s => $"{s.Protocol} {string.Join(',', s.Ports)}")
            .ShouldBe(["tcp 9100", "udp 100-200", "sctp ", "tcp metrics", "udp metrics", "sctp metrics"]);
        policy.Spec.Egress[0].Peers.Select(p => p.PeerCase)
            .ShouldBe([Peer.PeerOneofCase.IpBlock, Peer.PeerOneofCase.IpBlock, Peer.PeerOneofCase.Nodes]);
    }

    [Fact]
    public void The_older_admin_kinds_are_read_too()
    {
        var admin = Read.One("""
            apiVersion: policy.networking.k8s.io/v1alpha1
            kind: AdminNetworkPolicy
            metadata: {name: old}
            spec:
              priority: 5
              subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}
              ingress:
              - action: Allow
                from: [{namespaces: {}}]
                ports: [{portNumber: {protocol: TCP, port: 80}}, {portRange: {protocol: UDP, start: 1, end: 9}}, {namedPort: http}]
            """).Policy;
        admin.Spec.Tier.ShouldBe(Tier.Admin);
        admin.Spec.Ingress[0].Services.Select(s => $"{s.Protocol} {string.Join(',', s.Ports)}").ShouldBe(["tcp 80", "udp 1-9", "tcp http", "udp http", "sctp http"]);
        Read.One("""
            apiVersion: policy.networking.k8s.io/v1alpha1
            kind: BaselineAdminNetworkPolicy
            metadata: {name: default}
            spec:
              subject: {namespaces: {}}
              ingress: [{action: Deny, from: [{namespaces: {}}]}]
            """).Policy.Spec.Tier.ShouldBe(Tier.Baseline);
    }

    [Theory]
    [InlineData("{priority: 1, subject: {namespaces: {}}}", "spec.tier: is none of Admin, Baseline")]
    [InlineData("{tier: Admin, subject: {namespaces: {}}}", "spec.priority: a number 0 to 1000 is wanted")]
    [InlineData("{tier: Admin, priority: 1001, subject: {namespaces: {}}}", "spec.priority: a number 0 to 1000 is wanted")]
    [InlineData("{tier: Admin, priority: 1}", "spec.subject: is missing")]
    [InlineData("{tier: Admin, priority: 1, subject: {namespaces: {}, pods: {}}}", "spec.subject: give exactly one of namespaces and pods")]
    [InlineData("{tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}]}]}", "spec.ingress[0].action: is none of Accept, Deny, Pass")]
    [InlineData("{tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: []}]}", "spec.ingress[0].from: names nobody")]
    [InlineData("{tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{networks: [10.0.0.0/8]}]}]}", "spec.ingress[0].from[0].networks: unknown field")]
    [InlineData("{tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{domainNames: [a.example]}]}]}", "spec.egress[0].to[0].domainNames: rules about domain names are not supported")]
    [InlineData("{tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [10.0.0.0]}]}]}", "spec.egress[0].to[0].networks[0]: '10.0.0.0' is not a CIDR")]
    [InlineData("{tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{nodes: {}}], protocols: [{tcp: {destinationPort: {range: {start: 9, end: 1}}}}]}]}", "spec.egress[0].protocols[0].tcp.destinationPort.range.end: 1 is less than 9")]
    [InlineData("{tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{nodes: {}}], ports: []}]}", "spec.egress[0].ports: unknown field")]
    public void What_is_wrong_is_told_in_the_words_of_Kubernetes(string spec, string begins) =>
        Read.FaultsOf(Cluster + spec).Select(f => f.Split(": ", 2)[1]).First().ShouldStartWith(begins);
}
