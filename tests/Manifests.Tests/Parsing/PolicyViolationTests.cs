using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;

namespace Vallum.Manifests.Tests.Parsing;

/// <summary>One row per thing that can be wrong with a policy: the message in JSON, and what is said of it.</summary>
public sealed class PolicyViolationTests
{
    /// <summary>Of a tenant: text that replaces SPEC in a policy that is right.</summary>
    public static readonly TheoryData<string, string, string> OfTenant = new()
    {
        { """ "tier": "TIER_ADMIN" """, "spec.tier", Reasons.InvalidTier },
        { """ "tier": 9 """, "spec.tier", Reasons.InvalidTier },
        { """ "priority": 1 """, "spec.priority", Reasons.PriorityNotAllowed },
        { """ "mode": 7 """, "spec.mode", Reasons.UnknownEnumValue },
        { """ "revocation": -1 """, "spec.revocation", Reasons.UnknownEnumValue },
        { """ "directions": [] """, "spec.directions", Reasons.DirectionsRequired },
        { """ "directions": ["DIRECTION_INGRESS", "DIRECTION_INGRESS"] """, "spec.directions[1]", Reasons.DuplicateDirection },
        { """ "directions": ["DIRECTION_INGRESS", 5] """, "spec.directions[1]", Reasons.UnknownEnumValue },
        { """ "directions": ["DIRECTION_EGRESS"], "ingress": [{}] """, "spec.ingress", Reasons.DirectionNotNamed },
        { """ "egress": [{}] """, "spec.egress", Reasons.DirectionNotNamed },
        { """ "subject": [{}] """, "spec.subject[0]", Reasons.EmptySelector },
        { """ "subject": [{"nodes": {"selector": {}}}] """, "spec.subject[0].nodes", Reasons.NodesNotAllowed },
        { """ "subject": [{"tenants": {"relation": "TENANT_RELATION_SAME"}, "selector": {}}] """, "spec.subject[0].tenants", Reasons.TenantsNotAllowed },
        { """ "subject": [{"segments": ["web", "Not A Name"]}] """, "spec.subject[0].segments[1]", Reasons.InvalidName },
        { """ "subject": [{"selector": {"matchLabels": {"-bad": "x"}}}] """, "spec.subject[0].selector.matchLabels[\"-bad\"]", Reasons.InvalidLabelKey },
        { """ "subject": [{"selector": {"matchLabels": {"app": "a b"}}}] """, "spec.subject[0].selector.matchLabels[\"app\"]", Reasons.InvalidLabelValue },
        { Expression(""" "key": "app" """), "spec.subject[0].selector.matchExpressions[0].operator", Reasons.Required },
        { Expression(""" "key": "app", "operator": 17 """), "spec.subject[0].selector.matchExpressions[0].operator", Reasons.UnknownEnumValue },
        { Expression(""" "key": "app", "operator": "LABEL_OPERATOR_IN" """), "spec.subject[0].selector.matchExpressions[0].values", Reasons.ValuesRequired },
        { Expression(""" "key": "app", "operator": "LABEL_OPERATOR_NOT_IN" """), "spec.subject[0].selector.matchExpressions[0].values", Reasons.ValuesRequired },
        { Expression(""" "key": "app", "operator": "LABEL_OPERATOR_EXISTS", "values": ["a"] """), "spec.subject[0].selector.matchExpressions[0].values", Reasons.ValuesNotAllowed },
        { Expression(""" "key": "app", "operator": "LABEL_OPERATOR_DOES_NOT_EXIST", "values": ["a"] """), "spec.subject[0].selector.matchExpressions[0].values", Reasons.ValuesNotAllowed },
        { Expression(""" "key": "", "operator": "LABEL_OPERATOR_EXISTS" """), "spec.subject[0].selector.matchExpressions[0].key", Reasons.InvalidLabelKey },
        { Expression(""" "key": "app", "operator": "LABEL_OPERATOR_IN", "values": ["ok", "not ok"] """), "spec.subject[0].selector.matchExpressions[0].values[1]", Reasons.InvalidLabelValue },
        { """ "ingress": [{"action": "RULE_ACTION_DENY"}] """, "spec.ingress[0].action", Reasons.ActionNotAllowed },
        { """ "ingress": [{"action": "RULE_ACTION_PASS"}] """, "spec.ingress[0].action", Reasons.ActionNotAllowed },
        { """ "ingress": [{"action": 9}] """, "spec.ingress[0].action", Reasons.UnknownEnumValue },
        { """ "ingress": [{"name": "a"}, {"name": "a"}] """, "spec.ingress[1].name", Reasons.DuplicateRuleName },
        { """ "ingress": [{"name": "ingress-1"}, {}] """, "spec.ingress[1].name", Reasons.DuplicateRuleName },
        { """ "ingress": [{"name": "say \"hi\""}] """, "spec.ingress[0].name", Reasons.InvalidRuleName },
        { Peer("{}"), "spec.ingress[0].peers[0]", Reasons.ExactlyOneRequired },
        { Peer(""" {"endpoints": {}} """), "spec.ingress[0].peers[0].endpoints", Reasons.EmptySelector },
        { Peer(""" {"endpoints": {"tenants": {}}} """), "spec.ingress[0].peers[0].endpoints.tenants", Reasons.ExactlyOneRequired },
        { Peer(""" {"endpoints": {"tenants": {"names": ["x"], "selector": {}}}} """), "spec.ingress[0].peers[0].endpoints.tenants", Reasons.ExactlyOneRequired },
        { Peer(""" {"endpoints": {"tenants": {"relation": 8}}} """), "spec.ingress[0].peers[0].endpoints.tenants.relation", Reasons.UnknownEnumValue },
        { Peer(""" {"endpoints": {"tenants": {"names": ["Big"]}}} """), "spec.ingress[0].peers[0].endpoints.tenants.names[0]", Reasons.InvalidName },
        { Peer(""" {"ipBlock": {"cidr": "10.0.0.0"}} """), "spec.ingress[0].peers[0].ipBlock.cidr", Reasons.InvalidCidr },
        { Peer(""" {"ipBlock": {"cidr": "10.0.0.0/33"}} """), "spec.ingress[0].peers[0].ipBlock.cidr", Reasons.InvalidCidr },
        { Peer(""" {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "x"]}} """), "spec.ingress[0].peers[0].ipBlock.except[1]", Reasons.InvalidCidr },
        { Peer(""" {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}} """), "spec.ingress[0].peers[0].ipBlock.except[0]", Reasons.ExceptOutsideCidr },
        { Peer(""" {"ipBlock": {"cidr": "10.0.0.0/16", "except": ["10.0.0.0/8"]}} """), "spec.ingress[0].peers[0].ipBlock.except[0]", Reasons.ExceptOutsideCidr },
        { Peer(""" {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["fd00::/64"]}} """), "spec.ingress[0].peers[0].ipBlock.except[0]", Reasons.ExceptOutsideCidr },
        { Peer(""" {"networkSet": "Not/A/Name"} """), "spec.ingress[0].peers[0].networkSet", Reasons.InvalidName },
        { Peer(""" {"nodes": {}} """), "spec.ingress[0].peers[0].nodes", Reasons.ExactlyOneRequired },
        { Peer(""" {"nodes": {"local": true, "selector": {}}} """), "spec.ingress[0].peers[0].nodes", Reasons.ExactlyOneRequired },
        { Service(""" "protocol": "tpc" """), "spec.ingress[0].services[0].protocol", Reasons.InvalidProtocol },
        { Service(""" "protocol": "256" """), "spec.ingress[0].services[0].protocol", Reasons.InvalidProtocol },
        { Service(""" "protocol": "06" """), "spec.ingress[0].services[0].protocol", Reasons.InvalidProtocol },
        { Service(""" "ports": ["80"] """), "spec.ingress[0].services[0].ports", Reasons.PortsNotAllowed },
        { Service(""" "protocol": "icmp", "ports": ["80"] """), "spec.ingress[0].services[0].ports", Reasons.PortsNotAllowed },
        { Service(""" "protocol": "tcp", "ports": ["0"] """), "spec.ingress[0].services[0].ports[0]", Reasons.InvalidPort },
        { Service(""" "protocol": "tcp", "ports": ["65536"] """), "spec.ingress[0].services[0].ports[0]", Reasons.InvalidPort },
        { Service(""" "protocol": "tcp", "ports": [""] """), "spec.ingress[0].services[0].ports[0]", Reasons.InvalidPort },
        { Service(""" "protocol": "tcp", "ports": ["-80"] """), "spec.ingress[0].services[0].ports[0]", Reasons.InvalidPort },
        { Service(""" "protocol": "tcp", "ports": ["1-2-3"] """), "spec.ingress[0].services[0].ports[0]", Reasons.InvalidPort },
        { Service(""" "protocol": "tcp", "ports": ["80", "90-80"] """), "spec.ingress[0].services[0].ports[1]", Reasons.InvalidPortRange },
        { Service(""" "protocol": "tcp", "ports": ["HTTP"] """), "spec.ingress[0].services[0].ports[0]", Reasons.InvalidPortName },
        { Service(""" "protocol": "tcp", "ports": ["a-name-of-sixteen"] """), "spec.ingress[0].services[0].ports[0]", Reasons.InvalidPortName },
        { Service(""" "protocol": "tcp", "ports": ["a--b"] """), "spec.ingress[0].services[0].ports[0]", Reasons.InvalidPortName },
        { Service(""" "protocol": "tcp", "icmpType": 8 """), "spec.ingress[0].services[0].icmpType", Reasons.IcmpNotAllowed },
        { Service(""" "protocol": "icmp", "icmpType": 256 """), "spec.ingress[0].services[0].icmpType", Reasons.InvalidIcmp },
        { Service(""" "protocol": "icmp", "icmpCode": 0 """), "spec.ingress[0].services[0].icmpCode", Reasons.InvalidIcmp },
        { Service(""" "protocol": "icmpv6", "icmpType": 1, "icmpCode": -1 """), "spec.ingress[0].services[0].icmpCode", Reasons.InvalidIcmp },
        { $""" "description": "{new string('x', Limits.DescriptionCharacters + 1)}" """, "spec.description", Reasons.TooLong },
        { $""" "ingress": [{Many("{}", Limits.Rules + 1)}] """, "spec", Reasons.TooMany },
        { Peer(Many(""" {"any": {}} """, Limits.Peers + 1)), "spec.ingress[0].peers", Reasons.TooMany },
        { $$""" "ingress": [{"services": [{{Many("{}", Limits.Services + 1)}}]}] """, "spec.ingress[0].services", Reasons.TooMany },
        { Expression($$""" "key": "app", "operator": "LABEL_OPERATOR_IN", "values": [{{Many("\"v\"", Limits.Values + 1)}}] """), "spec.subject[0].selector.matchExpressions[0].values", Reasons.TooMany },
    };

    /// <summary>The operator's, in the same way.</summary>
    public static readonly TheoryData<string, string, string> OfOperator = new()
    {
        { """ "tier": "TIER_TENANT" """, "spec.tier", Reasons.InvalidTier },
        { """ "tier": "TIER_UNSPECIFIED" """, "spec.tier", Reasons.InvalidTier },
        { """ "tier": 4 """, "spec.tier", Reasons.InvalidTier },
        { """ "priority": -1 """, "spec.priority", Reasons.InvalidPriority },
        { """ "priority": 1001 """, "spec.priority", Reasons.InvalidPriority },
        { """ "subject": [{"selector": {}}] """, "spec.subject[0].tenants", Reasons.TenantsRequired },
        { """ "subject": [{"tenants": {"relation": "TENANT_RELATION_OTHER"}}] """, "spec.subject[0].tenants.relation", Reasons.TenantsNotAllowed },
        { """ "ingress": [{"action": "RULE_ACTION_DENY"}] """, "spec.ingress[0].peers", Reasons.PeersRequired },
        { """ "subject": [{"nodes": {}}] """, "spec.subject[0].nodes", Reasons.EmptySelector },
        { """ "subject": [{"nodes": {"selector": {"matchLabels": {"-bad": "x"}}}}] """, "spec.subject[0].nodes.selector.matchLabels[\"-bad\"]", Reasons.InvalidLabelKey },
        { """ "subject": [{"nodes": {"selector": {}}, "segments": ["web"]}] """, "spec.subject[0]", Reasons.ExactlyOneRequired },
        { """ "subject": [{"nodes": {"selector": {}}}, {"tenants": {"selector": {}}}] """, "spec.subject[1]", Reasons.MixedSubject },
        { OfNodes(""" "peers": [{"endpoints": {"selector": {}}}] """), "spec.ingress[0].peers[0].endpoints.tenants", Reasons.TenantsRequired },
        { OfNodes(""" "peers": [{"any": {}}, {"endpoints": {"tenants": {"relation": "TENANT_RELATION_OTHER"}}}] """), "spec.ingress[0].peers[1].endpoints.tenants", Reasons.TenantsRequired },
        { OfNodes(""" "peers": [{"nodes": {"local": true}}] """), "spec.ingress[0].peers[0].nodes.local", Reasons.LocalNodeNotAllowed },
        { OfNodes(""" "peers": [{"any": {}}], "services": [{"protocol": "tcp", "ports": ["80", "http"]}] """), "spec.ingress[0].services[0].ports[1]", Reasons.PortNameNotAllowed },
    };

    [Fact]
    public void A_policy_about_nodes_may_name_the_ports_of_those_that_they_call() => Judge(
        "policies/all",
        """
        {"tier": "TIER_ADMIN", "directions": ["DIRECTION_EGRESS"], "subject": [{"nodes": {"selector": {}}}],
         "egress": [{"peers": [{"endpoints": {"tenants": {"selector": {}}}}], "services": [{"protocol": "tcp", "ports": ["http"]}]}]}
        """,
        "").ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(OfTenant))]
    public void A_tenants_policy_is_refused_with_the_path_and_the_reason(string change, string field, string reason) =>
        Judge("tenants/shop/policies/web", """{"directions": ["DIRECTION_INGRESS"], "subject": [{"selector": {}}]}""", change).ShouldBe([(field, reason)]);

    [Theory]
    [MemberData(nameof(OfOperator))]
    public void An_operators_policy_is_refused_with_the_path_and_the_reason(string change, string field, string reason) =>
        Judge("policies/all", """{"tier": "TIER_ADMIN", "directions": ["DIRECTION_INGRESS"], "subject": [{"tenants": {"selector": {}}}]}""", change).ShouldBe([(field, reason)]);

    [Fact]
    public void All_violations_come_at_once()
    {
        const string Spec = """
            "priority": 5,
            "ingress": [
              {"peers": [{"ipBlock": {"cidr": "x"}}, {}], "services": [{"protocol": "tcp", "ports": ["0", "9-1"]}]},
              {"action": "RULE_ACTION_DENY"}
            ]
            """;
        Judge("tenants/shop/policies/web", """{"directions": ["DIRECTION_INGRESS"]}""", Spec).Select(v => v.Field).ShouldBe([
            "spec.priority",
            "spec.ingress[0].peers[0].ipBlock.cidr",
            "spec.ingress[0].peers[1]",
            "spec.ingress[0].services[0].ports[0]",
            "spec.ingress[0].services[0].ports[1]",
            "spec.ingress[1].action",
        ]);
    }

    [Fact]
    public void Junk_is_not_answered_with_as_much_junk()
    {
        var policy = new Policy { Name = "tenants/shop/policies/web", Spec = new PolicySpec { Directions = { Direction.Ingress }, Ingress = { new Rule() } } };
        policy.Spec.Ingress[0].Peers.Add(Enumerable.Range(0, Limits.Peers).Select(_ => new Peer()));
        ObjectParser.Parse(policy).Violations.Length.ShouldBe(Limits.Violations);
    }

    private static string Expression(string fields) => """ "subject": [{"selector": {"matchExpressions": [{""" + fields + "}]}}]";

    private static string Peer(string peers) => $$""" "ingress": [{"peers": [{{peers}}]}] """;

    private static string Service(string fields) => """ "ingress": [{"services": [{""" + fields + "}]}]";

    private static string OfNodes(string rule) => """ "subject": [{"nodes": {"selector": {}}}], "ingress": [{""" + rule + "}]";

    private static string Many(string item, int count) => string.Join(',', Enumerable.Repeat(item, count));

    /// <summary>What is said of the policy when the fields of <paramref name="change"/> replace those of <paramref name="spec"/>.</summary>
    private static List<(string Field, string Reason)> Judge(string name, string spec, string change)
    {
        var right = PolicySpec.Parser.ParseJson(spec);
        var changed = PolicySpec.Parser.ParseJson($"{{{change}}}");
        foreach (var field in PolicySpec.Descriptor.Fields.InDeclarationOrder().Where(f => change.Contains($"\"{f.JsonName}\"", StringComparison.Ordinal)))
        {
            field.Accessor.Clear(right);
        }

        right.MergeFrom(changed);
        var parsed = ObjectParser.Parse(new Policy { Name = name, Spec = right });
        parsed.IsValid.ShouldBe(parsed.Violations.IsEmpty);
        parsed.Violations.ShouldAllBe(v => v.Description.Length > 0);
        return [.. parsed.Violations.Select(v => (v.Field, v.Reason))];
    }
}
