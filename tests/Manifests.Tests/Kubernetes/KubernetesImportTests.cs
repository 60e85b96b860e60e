using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Kubernetes;
using Vallum.Manifests.Tests.Documents;

namespace Vallum.Manifests.Tests.Kubernetes;

public sealed class KubernetesImportTests
{
    /// <summary>As "kubectl get ns,nodes,pods,netpol -A -o yaml" prints, shortened, with what we have no use for left in.</summary>
    private const string Cluster = """
        apiVersion: v1
        items:
        - apiVersion: v1
          kind: Namespace
          metadata:
            creationTimestamp: "2024-05-01T10:00:00Z"
            labels:
              kubernetes.io/metadata.name: shop
              team: red
            name: shop
            uid: 3b1b9a63-8f3e-4a0e-a0a5-000000000001
          spec:
            finalizers:
            - kubernetes
          status:
            phase: Active
        - apiVersion: v1
          kind: Node
          metadata:
            annotations: {volumes.kubernetes.io/controller-managed-attach-detach: "true"}
            labels: {kubernetes.io/hostname: n1}
            name: n1
          spec: {podCIDR: 10.244.1.0/24}
          status:
            addresses:
            - {address: 192.168.0.11, type: InternalIP}
            - {address: 203.0.113.11, type: ExternalIP}
            - {address: n1, type: Hostname}
            capacity: {cpu: "4"}
        - apiVersion: v1
          kind: Pod
          metadata:
            annotations:
              vallum.io/interface: veth1234
            labels: {app: web, vallum.io/segment: web}
            managedFields:
            - apiVersion: v1
              fieldsV1: {"f:metadata": {}}
            name: web-1
            namespace: shop
          spec:
            nodeName: n1
            containers:
            - name: web
              image: nginx
              ports:
              - {name: http, containerPort: 8080, protocol: TCP}
              - {containerPort: 9000}
            initContainers:
            - name: proxy
              restartPolicy: Always
              ports: [{name: admin, containerPort: 15000}]
            - name: setup
              ports: [{name: never, containerPort: 1}]
          status:
            phase: Running
            podIP: 10.244.1.5
            podIPs: [{ip: 10.244.1.5}, {ip: "fd00::5"}]
        - apiVersion: v1
          kind: Pod
          metadata: {name: agent, namespace: shop}
          spec: {nodeName: n1, hostNetwork: true, containers: [{name: a}]}
          status: {phase: Running, podIP: 192.168.0.11}
        - apiVersion: v1
          kind: Pod
          metadata: {name: waiting, namespace: shop}
          spec: {containers: [{name: a}]}
          status: {phase: Pending}
        - apiVersion: v1
          kind: Pod
          metadata: {name: job-1, namespace: shop}
          spec: {nodeName: n1, containers: [{name: a}]}
          status: {phase: Succeeded, podIP: 10.244.1.5}
        - apiVersion: networking.k8s.io/v1
          kind: NetworkPolicy
          metadata: {generation: 1, name: web, namespace: shop}
          spec:
            podSelector: {matchLabels: {app: web}}
            policyTypes: [Ingress]
            ingress: [{from: [{podSelector: {}}]}]
        - apiVersion: apps/v1
          kind: Deployment
          metadata: {name: web, namespace: shop}
          spec: {anything: goes}
        kind: List
        metadata:
          resourceVersion: ""
        """;

    [Fact]
    public void What_kubectl_prints_goes_in_as_it_is()
    {
        var read = Read.Text(Cluster);
        read.Faults.ShouldBeEmpty();
        read.Manifests.Select(m => (m.Origin, ApiName(m), m.Implied)).ShouldBe([
            ("Namespace", "tenants/shop", false),
            ("Node", "nodes/n1", false),
            ("Pod", "tenants/shop/endpoints/web-1", false),
            ("Pod", "tenants/shop/endpoints/agent", false),
            ("Pod", "tenants/shop/endpoints/waiting", false),
            ("NetworkPolicy", "tenants/shop/policies/web", false),
            ("Pod", "tenants/shop/segments/web", true),
            ("Pod", "tenants/shop/segments/default", true),
        ]);
        read.Skipped.Select(s => (s.What, s.Why)).ShouldBe([
            ("Pod shop/job-1", "the pod is finished"),
            ("Deployment shop/web", "says nothing about who may talk to whom"),
        ]);
    }

    [Fact]
    public void A_pod_becomes_an_endpoint_with_everything_that_policies_see()
    {
        var pods = Read.Text(Cluster).Manifests.Where(m => m.Object.Endpoint is not null).Select(m => m.Object.Endpoint).ToList();
        pods[0].ShouldBe(new Endpoint
        {
            Name = "tenants/shop/endpoints/web-1",
            Metadata = new Metadata { Labels = { { "app", "web" }, { "vallum.io/segment", "web" } } },
            Spec = new EndpointSpec
            {
                Segment = "web",
                Node = "n1",
                Interface = "veth1234",
                Addresses = { "10.244.1.5", "fd00::5" },
                Ports = { new NamedPort { Name = "http", Protocol = "tcp", Port = 8080 }, new NamedPort { Name = "admin", Protocol = "tcp", Port = 15000 } },
            },
        });
        pods[1].Spec.HostNetwork.ShouldBeTrue();
        pods[1].Spec.Addresses.ShouldBe(["192.168.0.11"]);
        pods[2].Spec.ShouldBe(new EndpointSpec { Segment = "default" });
    }

    [Fact]
    public void Nodes_have_their_internal_and_external_addresses() =>
        Read.Text(Cluster).Manifests[1].Object.Node.Spec.Addresses.ShouldBe(["192.168.0.11", "203.0.113.11"]);

    [Fact]
    public void A_namespace_always_has_the_label_with_its_name() => Read.One("""
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a", "labels": {"kubernetes.io/metadata.name": "lie"}}}
        """).Tenant.Metadata.Labels["kubernetes.io/metadata.name"].ShouldBe("a");

    [Fact]
    public void The_segment_label_and_the_interface_annotation_can_be_chosen()
    {
        const string Pod = """
            apiVersion: v1
            kind: Pod
            metadata: {name: a, namespace: x, labels: {role: db}, annotations: {link: eth7}}
            """;
        var spec = ManifestReader.Read("x", System.Text.Encoding.UTF8.GetBytes(Pod), new KubernetesOptions { SegmentLabel = "role", InterfaceAnnotation = "link" })
            .Manifests[0].Object.Endpoint.Spec;
        spec.Segment.ShouldBe("db");
        spec.Interface.ShouldBe("eth7");
    }

    [Fact]
    public void Lists_of_one_kind_need_not_repeat_it() => Read.Text("""
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": [{"metadata": {"name": "a", "namespace": "x"}, "spec": {"podSelector": {}}}]}
        """).Manifests.ShouldHaveSingleItem().Origin.ShouldBe("NetworkPolicy");

    [Fact]
    public void A_segment_that_somebody_wrote_is_not_made_again() => Read.Text("""
        apiVersion: vallum.io/v1
        kind: Segment
        metadata: {name: default, tenant: x}
        spec: {selector: {}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: a, namespace: x}
        """).Manifests.Count(m => m.Object.Segment is not null).ShouldBe(1);

    [Theory]
    [InlineData("{name: a, namespace: x, labels: {vallum.io/segment: Not_A_Segment}}", "metadata", "shop.yaml:1: spec.segment: of tenants/x/endpoints/a: 'Not_A_Segment' is not the name of a segment")]
    [InlineData("{namespace: x}", "metadata", "shop.yaml:3: metadata.name: is missing")]
    [InlineData("{name: a}\nstatus: {podIPs: [{ip: 10.0.0.300}]}", "status", "shop.yaml:1: spec.addresses[0]: of tenants/default/endpoints/a: '10.0.0.300' is not an IPv4 or IPv6 address")]
    [InlineData("{name: a}\nspec: {containers: [{ports: [{name: UP, containerPort: 80}]}]}", "spec", "shop.yaml:4: spec.containers[0].ports[0].name: 'UP' is not the name of a port")]
    public void What_is_wrong_with_a_pod_is_told(string metadata, string where, string begins)
    {
        where.ShouldNotBeEmpty();
        Read.FaultsOf($"apiVersion: v1\nkind: Pod\nmetadata: {metadata}").ShouldHaveSingleItem().ShouldStartWith(begins);
    }

    private static string ApiName(Manifest manifest) => Manifests.Parsing.ApiObjects.NameOf(manifest.Object);
}
