using Vallum.Manifests.Documents;
using Vallum.Manifests.Parsing;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Kubernetes;

/// <summary>networking.k8s.io/v1 NetworkPolicy: a policy of the tenant. Strict, for a field that is not understood may be one that closes something.</summary>
internal sealed class NetworkPolicyReader(KubernetesFields fields)
{
    public Api.Policy? Read(KubernetesMetadata metadata)
    {
        var path = FieldPath.Root.Field("spec");
        fields.Known(fields.Root, FieldPath.Root, "apiVersion", "kind", "metadata", "spec", "status");
        if (fields.Mapping(fields.Root, "spec", FieldPath.Root) is not { } spec)
        {
            fields.Fault(fields.Root, path, Reasons.Required, "is missing");
            return null;
        }

        fields.Known(spec, path, "podSelector", "policyTypes", "ingress", "egress");
        var policy = new Api.PolicySpec { Tier = Api.Tier.Tenant };

        // Absent is empty here, and here only: the API server fills it in.
        policy.Subject.Add(new Api.PolicySubject { Selector = fields.Selector(spec, "podSelector", path) ?? new Api.LabelSelector() });
        var ingress = Rules(spec, "ingress", "from", path);
        var egress = Rules(spec, "egress", "to", path);
        var directions = Directions(spec, egress.Count > 0, path);
        policy.Directions.AddRange(directions);

        // Rules of a type that is not named are judged by Kubernetes, and have no effect.
        policy.Ingress.AddRange(directions.Contains(Api.Direction.Ingress) ? ingress : []);
        policy.Egress.AddRange(directions.Contains(Api.Direction.Egress) ? egress : []);
        return new Api.Policy
        {
            Name = $"tenants/{metadata.Namespace}/policies/{metadata.Name}",
            Metadata = KubernetesFields.Labels(metadata.Labels),
            Spec = policy,
        };
    }

    /// <summary>Named types, or else ingress always and egress only with egress rules.</summary>
    private SortedSet<Api.Direction> Directions(DocumentNode.Mapping spec, bool hasEgress, FieldPath path)
    {
        var types = fields.List(spec, "policyTypes", path);
        var directions = new SortedSet<Api.Direction>();
        for (var i = 0; i < types.Length; i++)
        {
            switch ((types[i] as DocumentNode.Scalar)?.Text)
            {
                case "Ingress":
                    directions.Add(Api.Direction.Ingress);
                    break;
                case "Egress":
                    directions.Add(Api.Direction.Egress);
                    break;
                default:
                    fields.Fault(types[i], path.Field("policyTypes")[i], Reasons.UnknownEnumValue, "is none of Ingress, Egress");
                    break;
            }
        }

        if (types.IsEmpty)
        {
            directions.Add(Api.Direction.Ingress);
            if (hasEgress)
            {
                directions.Add(Api.Direction.Egress);
            }
        }

        return directions;
    }

    private List<Api.Rule> Rules(DocumentNode.Mapping spec, string direction, string peers, FieldPath path)
    {
        var rules = new List<Api.Rule>();
        foreach (var (node, at) in fields.Mappings(spec, direction, path))
        {
            fields.Known(node, at, peers, "ports");
            var rule = new Api.Rule();
            rule.Peers.AddRange(fields.Mappings(node, peers, at).Select(p => Peer(p.Node, p.Path)).OfType<Api.Peer>());
            rule.Services.AddRange(fields.Mappings(node, "ports", at).Select(p => Service(p.Node, p.Path)));
            rules.Add(rule);
        }

        return rules;
    }

    private Api.Peer? Peer(DocumentNode.Mapping node, FieldPath path)
    {
        fields.Known(node, path, "podSelector", "namespaceSelector", "ipBlock");
        var pods = fields.Selector(node, "podSelector", path);
        var namespaces = fields.Selector(node, "namespaceSelector", path);
        var block = fields.Block(node, "ipBlock", path);
        if (block is not null && (pods is not null || namespaces is not null))
        {
            fields.Fault(node, path, Reasons.ExactlyOneRequired, "ipBlock goes with no selector: write two peers");
            return null;
        }

        if (block is null && pods is null && namespaces is null)
        {
            fields.Fault(node, path, Reasons.ExactlyOneRequired, "names nobody: give podSelector, namespaceSelector (or both), or ipBlock; 'podSelector: {}' is every pod of the namespace");
            return null;
        }

        if (block is not null)
        {
            return new Api.Peer { IpBlock = block };
        }

        return new Api.Peer
        {
            Endpoints = new Api.EndpointSelector
            {
                Tenants = namespaces is null ? null : new Api.TenantSelector { Selector = namespaces },
                Selector = pods,
            },
        };
    }

    private Api.Service Service(DocumentNode.Mapping node, FieldPath path)
    {
        fields.Known(node, path, "protocol", "port", "endPort");
        var service = new Api.Service { Protocol = Protocol(node, path) };
        var last = fields.Port(node, "endPort", path);
        switch (node["port"])
        {
            case null when node["endPort"] is not null:
                fields.Fault(node, path.Field("endPort"), Reasons.InvalidPortRange, "there is no port for the range to begin at");
                break;
            case null:
                break;
            case DocumentNode.Scalar { Kind: DocumentNode.ScalarKind.Text } name:
                fields.PortName(name.Text, path.Field("port"));
                if (node["endPort"] is not null)
                {
                    fields.Fault(node, path.Field("endPort"), Reasons.InvalidPortRange, $"a range begins at a number, and port is the name {Quoted.Of(name.Text)}");
                }

                service.Ports.Add(name.Text);
                break;
            default:
                if (fields.Port(node, "port", path) is { } first)
                {
                    service.Ports.Add(Range(node, first, last, path));
                }

                break;
        }

        return service;
    }

    private string Range(DocumentNode.Mapping node, int first, int? last, FieldPath path)
    {
        if (last < first)
        {
            fields.Fault(node, path.Field("endPort"), Reasons.InvalidPortRange, $"{last} is less than port {first}: a range ends where it begins or later");
        }

        return last is null ? $"{first}" : $"{first}-{last}";
    }

    private string Protocol(DocumentNode.Mapping node, FieldPath path)
    {
        var protocol = fields.Text(node, "protocol", path) ?? "TCP";
        if (protocol is not ("TCP" or "UDP" or "SCTP"))
        {
            fields.Fault(node, path.Field("protocol"), Reasons.InvalidProtocol, $"{Quoted.Of(protocol)} is none of TCP, UDP, SCTP");
            return "tcp";
        }

        return protocol.ToLowerInvariant();
    }
}
