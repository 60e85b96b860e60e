using Vallum.Manifests.Documents;
using Vallum.Manifests.Parsing;
using Vallum.Manifests.Writing;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Kubernetes;

/// <summary>
/// The operator's policies of policy.networking.k8s.io: ClusterNetworkPolicy (network-policy-api v0.2), and what it grew out of, AdminNetworkPolicy and
/// BaselineAdminNetworkPolicy (v0.1). As strict as <see cref="NetworkPolicyReader"/>.
/// </summary>
internal sealed class ClusterNetworkPolicyReader(KubernetesFields fields, string kind)
{
    private readonly bool _isCluster = kind == "ClusterNetworkPolicy";

    public Api.Policy? Read(KubernetesMetadata metadata)
    {
        var path = FieldPath.Root.Field("spec");
        fields.Known(fields.Root, FieldPath.Root, "apiVersion", "kind", "metadata", "spec", "status");
        if (fields.Mapping(fields.Root, "spec", FieldPath.Root) is not { } spec)
        {
            fields.Fault(fields.Root, path, Reasons.Required, "is missing");
            return null;
        }

        string[] own = _isCluster ? ["tier", "priority"] : kind == "AdminNetworkPolicy" ? ["priority"] : [];
        fields.Known(spec, path, [.. own, "subject", "ingress", "egress"]);
        var policy = new Api.PolicySpec { Tier = Tier(spec, path), Priority = Priority(spec, path) };
        policy.Subject.AddRange(Subject(spec, path));
        policy.Ingress.AddRange(Rules(spec, "ingress", "from", path));
        policy.Egress.AddRange(Rules(spec, "egress", "to", path));

        // Without rules nothing is decided; the policy is about both directions as much as about none.
        policy.Directions.AddRange(policy.Ingress.Count > 0 || policy.Egress.Count == 0 ? [Api.Direction.Ingress] : []);
        policy.Directions.AddRange(policy.Egress.Count > 0 ? [Api.Direction.Egress] : []);
        return new Api.Policy { Name = $"policies/{metadata.Name}", Metadata = KubernetesFields.Labels(metadata.Labels), Spec = policy };
    }

    private Api.Tier Tier(DocumentNode.Mapping spec, FieldPath path)
    {
        var tier = _isCluster ? fields.Text(spec, "tier", path) : kind == "AdminNetworkPolicy" ? "Admin" : "Baseline";
        if (tier is not ("Admin" or "Baseline"))
        {
            fields.Fault(spec, path.Field("tier"), Reasons.InvalidTier, "is none of Admin, Baseline");
        }

        return tier == "Baseline" ? Api.Tier.Baseline : Api.Tier.Admin;
    }

    private int Priority(DocumentNode.Mapping spec, FieldPath path)
    {
        if (kind == "BaselineAdminNetworkPolicy")
        {
            return 0;
        }

        var before = fields.Faults.Count;
        var priority = fields.Number(spec, "priority", path);
        if (fields.Faults.Count == before && priority is not (>= 0 and <= Limits.Priority))
        {
            fields.Fault(spec, path.Field("priority"), Reasons.InvalidPriority, $"a number 0 to {Limits.Priority} is wanted (lower is read first)");
        }

        return priority ?? 0;
    }

    private IEnumerable<Api.PolicySubject> Subject(DocumentNode.Mapping spec, FieldPath path)
    {
        var at = path.Field("subject");
        if (fields.Mapping(spec, "subject", path) is not { } subject)
        {
            fields.Fault(spec, at, Reasons.Required, "is missing: give namespaces or pods");
            return [];
        }

        fields.Known(subject, at, "namespaces", "pods");
        return Pods(subject, at) is { } selector ? [SelectorWriter.Subject(selector)] : [];
    }

    /// <summary>"namespaces" or "pods", exactly one.</summary>
    private Api.EndpointSelector? Pods(DocumentNode.Mapping node, FieldPath path)
    {
        var namespaces = fields.Selector(node, "namespaces", path);
        var pods = fields.Mapping(node, "pods", path);
        if (namespaces is null == pods is null)
        {
            fields.Fault(node, path, Reasons.ExactlyOneRequired, "give exactly one of namespaces and pods");
            return null;
        }

        if (pods is null)
        {
            return new Api.EndpointSelector { Tenants = new Api.TenantSelector { Selector = namespaces } };
        }

        var at = path.Field("pods");
        fields.Known(pods, at, "namespaceSelector", "podSelector");
        return new Api.EndpointSelector
        {
            Tenants = new Api.TenantSelector { Selector = fields.Selector(pods, "namespaceSelector", at) ?? new Api.LabelSelector() },
            Selector = fields.Selector(pods, "podSelector", at) ?? new Api.LabelSelector(),
        };
    }

    private List<Api.Rule> Rules(DocumentNode.Mapping spec, string direction, string peers, FieldPath path)
    {
        var rules = new List<Api.Rule>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var ports = _isCluster ? "protocols" : "ports";
        var services = new ClusterServiceReader(fields);
        foreach (var (node, at) in fields.Mappings(spec, direction, path))
        {
            fields.Known(node, at, "name", "action", peers, ports);

            // Names need not be unique there: the second one goes by its number.
            var name = fields.Text(node, "name", at) ?? "";
            var rule = new Api.Rule { Name = names.Add(name) ? name : "", Action = Action(node, at) };
            rule.Peers.AddRange(fields.Mappings(node, peers, at).SelectMany(p => Peers(p.Node, p.Path, direction == "egress")));
            rule.Services.AddRange(fields.Mappings(node, ports, at).SelectMany(p => _isCluster ? services.Protocol(p.Node, p.Path) : services.Port(p.Node, p.Path)));
            if (node[peers] is null or DocumentNode.List { Items.IsEmpty: true })
            {
                fields.Fault(node, at.Field(peers), Reasons.PeersRequired, "names nobody: give at least one peer");
            }

            rules.Add(rule);
        }

        return rules;
    }

    private Api.RuleAction Action(DocumentNode.Mapping node, FieldPath path)
    {
        var allow = _isCluster ? "Accept" : "Allow";
        var mayPass = kind != "BaselineAdminNetworkPolicy";
        switch (fields.Text(node, "action", path))
        {
            case { } text when text == allow:
                return Api.RuleAction.Allow;
            case "Deny":
                return Api.RuleAction.Deny;
            case "Pass" when mayPass:
                return Api.RuleAction.Pass;
            default:
                fields.Fault(node, path.Field("action"), Reasons.UnknownEnumValue, $"is none of {allow}, Deny{(mayPass ? ", Pass" : "")}");
                return Api.RuleAction.Deny;
        }
    }

    private List<Api.Peer> Peers(DocumentNode.Mapping node, FieldPath path, bool isEgress)
    {
        string[] known = isEgress ? ["namespaces", "pods", "nodes", "networks", "domainNames"] : ["namespaces", "pods"];
        fields.Known(node, path, known);
        var given = known.Where(k => node[k] is not null).ToList();
        if (given.Count != 1)
        {
            fields.Fault(node, path, Reasons.ExactlyOneRequired, $"{given.Count} fields are given: give exactly one of {string.Join(", ", known)}");
            return [];
        }

        switch (given[0])
        {
            case "nodes":
                return [new Api.Peer { Nodes = new Api.NodePeer { Selector = fields.Selector(node, "nodes", path) } }];
            case "networks":
                return Networks(node, path);
            case "domainNames":
                fields.Fault(node, path.Field("domainNames"), Reasons.Unsupported, "rules about domain names are not supported: use networks");
                return [];
            default:
                return Pods(node, path) is { } pods ? [new Api.Peer { Endpoints = pods }] : [];
        }
    }

    private List<Api.Peer> Networks(DocumentNode.Mapping node, FieldPath path)
    {
        var peers = new List<Api.Peer>();
        var networks = fields.List(node, "networks", path);
        for (var i = 0; i < networks.Length; i++)
        {
            if (networks[i] is not DocumentNode.Scalar scalar)
            {
                fields.Faults.AddWrongType(networks[i], path.Field("networks")[i], "a text");
            }
            else if (fields.Cidr(scalar.Text, path.Field("networks")[i]) is { } block)
            {
                peers.Add(new Api.Peer { IpBlock = new Api.IpBlock { Cidr = block.ToString() } });
            }
        }

        return peers;
    }
}
