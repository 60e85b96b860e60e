namespace Vallum.EndToEnd.Tests.BadInput;

/// <summary>Documents that nobody should accept, by what is wrong; each with where that is and its reason. On top of <see cref="Running.SmallWorld"/>.</summary>
internal static class BadDocuments
{
    private const string Policy = """
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: bad, tenant: shop}
        spec:
          subject: [{selector: {}}]
          directions: [Ingress]

        """;

    private const string Endpoint = """
        apiVersion: vallum.io/v1
        kind: Endpoint
        metadata: {name: bad, tenant: shop}

        """;

    public static IEnumerable<TheoryDataRow<string, string, string, string>> Rows =>
    [
        new("unknown field", Policy + "  ingres: []", "spec.ingres", "UNKNOWN_FIELD"),
        new("unknown kind", Policy.Replace("Policy", "Polcy", StringComparison.Ordinal), "kind", "UNKNOWN_KIND"),
        new("bad block", Policy + "  ingress: [{peers: [{ipBlock: {cidr: 10.0.0.0/33}}]}]", "spec.ingress[0].peers[0].ipBlock.cidr", "INVALID_CIDR"),
        new("except outside", Policy + "  ingress: [{peers: [{ipBlock: {cidr: 10.1.0.0/16, except: [10.2.0.0/24]}}]}]", "spec.ingress[0].peers[0].ipBlock.except[0]", "EXCEPT_OUTSIDE_CIDR"),
        new("range backwards", Policy + "  ingress: [{services: [{protocol: tcp, ports: [\"90-80\"]}]}]", "spec.ingress[0].services[0].ports[0]", "INVALID_PORT_RANGE"),
        new("rule of a direction not named", Policy + "  egress: [{}]", "spec.egress", "DIRECTION_NOT_NAMED"),
        new("deny by a tenant", Policy + "  ingress: [{action: Deny}]", "spec.ingress[0].action", "ACTION_NOT_ALLOWED"),
        new("unknown segment", Policy + "  ingress: [{peers: [{endpoints: {segments: [nowhere]}}]}]", "spec.ingress[0].peers[0].endpoints.segments", "UNKNOWN_SEGMENT"),
        new("unknown network set", Policy + "  ingress: [{peers: [{networkSet: nowhere}]}]", "spec.ingress[0].peers[0].networkSet", "UNKNOWN_NETWORK_SET"),
        new("bad address", Endpoint + "spec: {addresses: [10.1.2.300]}", "spec.addresses[0]", "INVALID_ADDRESS"),
        new("address of another endpoint", Endpoint + "spec: {addresses: [10.9.9.9, 10.101.0.10]}", "spec.addresses[1]", "ADDRESS_IN_USE"),
        new("address of another tenant's endpoint", Endpoint.Replace("tenant: shop", "tenant: other", StringComparison.Ordinal) + "spec: {addresses: [10.101.0.10]}", "spec.addresses[0]", "ADDRESS_IN_USE"),
        new("endpoint of a segment that is not there", Endpoint + "spec: {segment: nowhere}", "spec.segment", "UNKNOWN_SEGMENT"),
        new(
            "endPort before port",
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: bad, namespace: shop}
            spec: {podSelector: {}, ingress: [{ports: [{port: 80, endPort: 79}]}]}
            """,
            "spec.ingress[0].ports[0].endPort",
            "INVALID_PORT_RANGE"),
    ];
}
