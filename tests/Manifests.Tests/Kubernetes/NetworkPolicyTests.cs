using System.Text;
using k8s;
using k8s.Models;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Tests.Documents;

namespace Vallum.Manifests.Tests.Kubernetes;

public sealed class NetworkPolicyTests
{
    [Theory]
    [InlineData("podSelector: {}", "Ingress", 0, 0)]
    [InlineData("podSelector: {}\ningress: []", "Ingress", 0, 0)]
    [InlineData("podSelector: {}\negress: []", "Ingress", 0, 0)]
    [InlineData("podSelector: {}\negress: [{}]", "Ingress, Egress", 0, 1)]
    [InlineData("podSelector: {}\npolicyTypes: []\negress: [{}]", "Ingress, Egress", 0, 1)]
    [InlineData("podSelector: {}\npolicyTypes: [Egress]", "Egress", 0, 0)]
    [InlineData("podSelector: {}\npolicyTypes: [Egress]\ningress: [{}]\negress: [{}]", "Egress", 0, 1)]
    [InlineData("podSelector: {}\npolicyTypes: [Ingress]\ningress: [{}]\negress: [{}]", "Ingress", 1, 0)]
    [InlineData("podSelector: {}\npolicyTypes: [Egress, Ingress]\ningress: [{}]", "Ingress, Egress", 1, 0)]
    public void Policy_types_are_those_named_or_else_ingress_and_egress_with_rules(string spec, string directions, int ingress, int egress)
    {
        var policy = Policy(spec);
        string.Join(", ", policy.Directions).ShouldBe(directions);
        policy.Ingress.Count.ShouldBe(ingress);
        policy.Egress.Count.ShouldBe(egress);
    }

    [Fact]
    public void An_absent_subject_is_every_pod_of_the_namespace() => Policy("policyTypes: [Ingress]").Subject.ShouldBe([new PolicySubject { Selector = new LabelSelector() }]);

    [Fact]
    public void Selectors_of_one_item_are_both_to_hold_and_items_are_alternatives()
    {
        var peers = Policy("""
            podSelector: {}
            ingress:
            - from:
              - podSelector: {matchLabels: {app: a}}
                namespaceSelector: {matchLabels: {team: red}}
              - podSelector: {matchLabels: {app: b}}
              - namespaceSelector: {}
              - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
            """).Ingress[0].Peers;
        peers.ShouldBe([
            new Peer { Endpoints = new EndpointSelector { Tenants = new TenantSelector { Selector = Labels("team", "red") }, Selector = Labels("app", "a") } },
            new Peer { Endpoints = new EndpointSelector { Selector = Labels("app", "b") } },
            new Peer { Endpoints = new EndpointSelector { Tenants = new TenantSelector { Selector = new LabelSelector() } } },
            new Peer { IpBlock = new IpBlock { Cidr = "10.0.0.0/8", Except = { "10.1.0.0/16" } } },
        ]);
    }

    [Fact]
    public void Ports_default_to_tcp_and_may_be_ranges_and_names() => Policy("""
        podSelector: {}
        ingress:
        - ports:
          - {port: 80}
          - {port: 8000, endPort: 8999, protocol: UDP}
          - {port: http, protocol: SCTP}
          - {protocol: UDP}
          - {}
        """).Ingress[0].Services.ShouldBe([
        new Service { Protocol = "tcp", Ports = { "80" } },
        new Service { Protocol = "udp", Ports = { "8000-8999" } },
        new Service { Protocol = "sctp", Ports = { "http" } },
        new Service { Protocol = "udp" },
        new Service { Protocol = "tcp" },
    ]);

    [Theory]
    [InlineData("podSelector: {}\ningres: []", "spec.ingres: unknown field; did you mean ingress?")]
    [InlineData("podSelector: {}\ningress: [{form: []}]", "spec.ingress[0].form: unknown field")]
    [InlineData("podSelector: {}\ningress: [{from: [{}]}]", "spec.ingress[0].from[0]: names nobody")]
    [InlineData("podSelector: {}\ningress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]", "spec.ingress[0].from[0]: ipBlock goes with no selector")]
    [InlineData("podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]", "spec.ingress[0].from[0].ipBlock.cidr: '10.0.0.0' is not a CIDR")]
    [InlineData("podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [192.168.0.0/16]}}]}]", "spec.ingress[0].from[0].ipBlock.except[0]: 192.168.0.0/16 is not inside 10.0.0.0/8")]
    [InlineData("podSelector: {}\negress: [{ports: [{port: 90, endPort: 80}]}]", "spec.egress[0].ports[0].endPort: 80 is less than port 90")]
    [InlineData("podSelector: {}\negress: [{ports: [{endPort: 80}]}]", "spec.egress[0].ports[0].endPort: there is no port")]
    [InlineData("podSelector: {}\negress: [{ports: [{port: http, endPort: 80}]}]", "spec.egress[0].ports[0].endPort: a range begins at a number")]
    [InlineData("podSelector: {}\negress: [{ports: [{port: 0}]}]", "spec.egress[0].ports[0].port: 0 is not within 1 to 65535")]
    [InlineData("podSelector: {}\negress: [{ports: [{port: \"80\"}]}]", "spec.egress[0].ports[0].port: '80' is not the name of a port")]
    [InlineData("podSelector: {}\negress: [{ports: [{protocol: tcp, port: 80}]}]", "spec.egress[0].ports[0].protocol: 'tcp' is none of TCP, UDP, SCTP")]
    [InlineData("podSelector: {}\npolicyTypes: [Igress]", "spec.policyTypes[0]: is none of Ingress, Egress")]
    [InlineData("podSelector: {matchExpressions: [{key: a, operator: In}]}", "spec.podSelector.matchExpressions[0].values: In and NotIn compare with values")]
    [InlineData("podSelector: {matchExpressions: [{key: a, operator: Is, values: [b]}]}", "spec.podSelector.matchExpressions[0].operator: 'Is' is none of")]
    [InlineData("podSelector: {matchlabels: {a: b}}", "spec.podSelector.matchlabels: unknown field; did you mean matchLabels?")]
    [InlineData("podSelector: [a]", "spec.podSelector: a mapping is wanted, and there is a list")]
    public void What_is_wrong_is_told_in_the_words_of_Kubernetes(string spec, string begins) =>
        Read.FaultsOf(Document(spec)).ShouldHaveSingleItem().Split(": ", 2)[1].ShouldStartWith(begins);

    [Fact]
    public void A_policy_without_a_spec_is_refused() =>
        Read.FaultsOf("{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}}").ShouldBe(["shop.yaml:1: spec: is missing"]);

    /// <summary>Their reader of their own objects sees in the text what ours does.</summary>
    [Theory]
    [InlineData("podSelector: {matchLabels: {a: b, c: 'd'}}\npolicyTypes: [Ingress, Egress]\ningress: [{from: [{podSelector: {}}], ports: [{port: 80, protocol: TCP}, {port: web, protocol: UDP}]}]")]
    [InlineData("podSelector: {}\npolicyTypes: [Egress]\negress:\n- to:\n  - namespaceSelector: &s\n      matchExpressions:\n      - {key: a, operator: NotIn, values: [b, c]}\n    podSelector: *s\n  ports:\n  - {protocol: SCTP, port: 1, endPort: 2}\n- {}")]
    [InlineData("podSelector: {matchExpressions: [{key: a, operator: Exists}, {key: b, operator: DoesNotExist}]}\npolicyTypes: [Ingress]\ningress:\n- from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/16]}}]")]
    public void Our_reading_agrees_with_that_of_the_Kubernetes_client(string spec)
    {
        var theirs = KubernetesYaml.Deserialize<V1NetworkPolicy>(Document(spec)).Spec;
        var ours = Policy(spec);
        Show(ours.Subject[0].Selector).ShouldBe(Show(theirs.PodSelector));
        ours.Directions.Select(d => d.ToString()).Order().ShouldBe(theirs.PolicyTypes.Order());
        ours.Ingress.Select(Show).ShouldBe((theirs.Ingress ?? []).Select(r => Show(r.FromProperty, r.Ports)));
        ours.Egress.Select(Show).ShouldBe((theirs.Egress ?? []).Select(r => Show(r.To, r.Ports)));
    }

    private static string Show(Rule rule) => string.Join(" | ", rule.Peers.Select(p => p.IpBlock is { } b
        ? $"{b.Cidr} - {string.Join(',', b.Except)}"
        : $"ns {Show(p.Endpoints.Tenants?.Selector)} pod {Show(p.Endpoints.Selector)}")) + " on " + string.Join(',', rule.Services.Select(s => $"{s.Protocol}/{string.Join(',', s.Ports)}"));

    private static string Show(IList<V1NetworkPolicyPeer>? peers, IList<V1NetworkPolicyPort>? ports) => string.Join(" | ", (peers ?? []).Select(p => p.IpBlock is { } b
        ? $"{b.Cidr} - {string.Join(',', b.Except ?? [])}"
        : $"ns {Show(p.NamespaceSelector)} pod {Show(p.PodSelector)}")) + " on " +
        string.Join(',', (ports ?? []).Select(s => $"{s.Protocol.ToLowerInvariant()}/{s.Port?.Value}{(s.EndPort is { } end ? $"-{end}" : "")}"));

    private static string Show(LabelSelector? selector) => selector is null ? "none" : new StringBuilder()
        .AppendJoin(';', selector.MatchLabels.OrderBy(l => l.Key)).Append('+')
        .AppendJoin(';', selector.MatchExpressions.Select(e => $"{e.Key} {e.Operator} {string.Join(',', e.Values)}")).ToString();

    private static string Show(V1LabelSelector? selector) => selector is null ? "none" : new StringBuilder()
        .AppendJoin(';', (selector.MatchLabels ?? new Dictionary<string, string>()).OrderBy(l => l.Key)).Append('+')
        .AppendJoin(';', (selector.MatchExpressions ?? []).Select(e => $"{e.Key} {e.OperatorProperty} {string.Join(',', e.Values ?? [])}")).ToString();

    private static LabelSelector Labels(string key, string value) => new() { MatchLabels = { { key, value } } };

    private static PolicySpec Policy(string spec)
    {
        var policy = Read.One(Document(spec)).Policy;
        policy.Name.ShouldBe("tenants/x/policies/p");
        return policy.Spec;
    }

    private static string Document(string spec) =>
        $"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: x}}\nspec:\n  {spec.ReplaceLineEndings("\n").Replace("\n", "\n  ", StringComparison.Ordinal)}\n";
}
