namespace Vallum.Cli.Tests.Running;

/// <summary>Documents in few words.</summary>
internal static class Manifests
{
    /// <summary>A tenant where only "web" reaches "db", on 5432; a node, a network set and a policy of the operator's that selects nobody.</summary>
    public static string Shop(string tenant, string net) => $$$"""
        apiVersion: vallum.io/v1
        kind: Tenant
        metadata: {name: {{{tenant}}}, labels: {env: test}}
        spec: {defaultEgress: Allow}
        ---
        apiVersion: vallum.io/v1
        kind: Segment
        metadata: {name: web, tenant: {{{tenant}}}}
        spec:
          selector: {matchLabels: {tier: front}}
        ---
        apiVersion: vallum.io/v1
        kind: Segment
        metadata: {name: db, tenant: {{{tenant}}}}
        ---
        apiVersion: vallum.io/v1
        kind: Endpoint
        metadata: {name: web-1, tenant: {{{tenant}}}, labels: {app: web}}
        spec:
          segment: web
          node: {{{tenant}}}
          addresses: [{{{net}}}.1, "fd00:{{{net.Replace('.', ':')}}}::1"]
        ---
        apiVersion: vallum.io/v1
        kind: Endpoint
        metadata: {name: db-1, tenant: {{{tenant}}}, labels: {app: db}}
        spec:
          segment: db
          node: {{{tenant}}}
          addresses: [{{{net}}}.2, "fd00:{{{net.Replace('.', ':')}}}::2"]
          ports:
          - {name: postgres, protocol: tcp, port: 5432}
        ---
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: db, tenant: {{{tenant}}}}
        spec:
          subject:
          - segments: [db]
          directions: [Ingress]
          ingress:
          - name: from-web
            peers:
            - endpoints: {segments: [web]}
            - networkSet: {{{tenant}}}
            - ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.128/25]}
            services:
            - {protocol: tcp, ports: [postgres, "9000-9010"]}
            - {protocol: icmp, icmpType: 8}
        ---
        apiVersion: vallum.io/v1
        kind: NetworkSet
        metadata: {name: {{{tenant}}}}
        spec: {cidrs: [198.51.100.0/24]}
        ---
        apiVersion: vallum.io/v1
        kind: Node
        metadata: {name: {{{tenant}}}, labels: {zone: a}}
        spec: {addresses: [{{{net}}}.254]}
        ---
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: {{{tenant}}}}
        spec:
          tier: Baseline
          priority: 100
          subject:
          - tenants: {names: [nobody]}
            selector: {}
          directions: [Egress]
          egress:
          - action: Deny
            peers: [{any: {}}]
        """;

    public static string Tenant(string name, string spec = "{}") => $$$"""
        apiVersion: vallum.io/v1
        kind: Tenant
        metadata: {name: {{{name}}}}
        spec: {{{spec}}}
        """;

    /// <summary>Wrong in two fields, each in its own document.</summary>
    public static string Wrong(string tenant) => $$$"""
        # Two documents, both wrong.
        apiVersion: vallum.io/v1
        kind: Node
        metadata: {name: n1}
        spec: {addresses: [10.0.0.300]}
        ---
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: p, tenant: {{{tenant}}}}
        spec:
          subject: [{segments: [web]}]
          directions: [Ingress]
          ingress:
          - peers: [{ipBlock: {cidr: 10.0.0.0/8, except: [192.168.0.0/16]}}]
        """;
}
