using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Vallum.Manifests.Parsing;

public enum ObjectType
{
    Tenant,
    Segment,
    Endpoint,
    Node,
    NetworkSet,
    Policy,
}

/// <summary>A resource name of the API, such as "tenants/shop/policies/web" or "policies/no-telnet", taken apart.</summary>
/// <param name="Tenant">Null for nodes, network sets and the operator's policies; for a tenant its own name.</param>
/// <param name="Id">The last part.</param>
public sealed partial record ObjectName(ObjectType Type, string? Tenant, string Id)
{
    /// <summary>"tenants/{tenant}", or "" for the cluster's own objects: what is committed together.</summary>
    public string Scope => Tenant is null ? "" : $"tenants/{Tenant}";

    /// <summary>A DNS-1123 subdomain of at most 253 characters; tenants and segments: a label of at most 63.</summary>
    public static bool IsValidId(ObjectType type, string id) => type is ObjectType.Tenant or ObjectType.Segment
        ? id.Length <= 63 && Label().IsMatch(id)
        : id.Length <= 253 && Subdomain().IsMatch(id);

    public static bool TryParse(string? text, [NotNullWhen(true)] out ObjectName? name)
    {
        name = (text ?? "").Split('/') switch
        {
            ["tenants", var tenant] => new(ObjectType.Tenant, tenant, tenant),
            ["tenants", var tenant, "segments", var id] => new(ObjectType.Segment, tenant, id),
            ["tenants", var tenant, "endpoints", var id] => new(ObjectType.Endpoint, tenant, id),
            ["tenants", var tenant, "policies", var id] => new(ObjectType.Policy, tenant, id),
            ["nodes", var id] => new(ObjectType.Node, null, id),
            ["networkSets", var id] => new(ObjectType.NetworkSet, null, id),
            ["policies", var id] => new(ObjectType.Policy, null, id),
            _ => null,
        };
        if (name is not null && (!IsValidId(name.Type, name.Id) || (name.Tenant is not null && !IsValidId(ObjectType.Tenant, name.Tenant))))
        {
            name = null;
        }

        return name is not null;
    }

    public override string ToString() => (Type, Tenant) switch
    {
        (ObjectType.Tenant, _) => $"tenants/{Id}",
        (ObjectType.Segment, _) => $"tenants/{Tenant}/segments/{Id}",
        (ObjectType.Endpoint, _) => $"tenants/{Tenant}/endpoints/{Id}",
        (ObjectType.Node, _) => $"nodes/{Id}",
        (ObjectType.NetworkSet, _) => $"networkSets/{Id}",
        (_, null) => $"policies/{Id}",
        _ => $"tenants/{Tenant}/policies/{Id}",
    };

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();
}
