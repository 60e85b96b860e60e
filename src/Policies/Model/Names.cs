namespace Vallum.Policies.Model;

/// <summary>A tenant's name: a DNS-1123 label, unique in the cluster.</summary>
public readonly record struct TenantName(string Value) : IComparable<TenantName>
{
    public int CompareTo(TenantName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>A segment's name, unique in its tenant.</summary>
public readonly record struct SegmentName(string Value) : IComparable<SegmentName>
{
    public int CompareTo(SegmentName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>A node's name: a DNS-1123 subdomain, unique in the cluster.</summary>
public readonly record struct NodeName(string Value) : IComparable<NodeName>
{
    public int CompareTo(NodeName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>A network set's name, unique in the cluster.</summary>
public readonly record struct NetworkSetName(string Value) : IComparable<NetworkSetName>
{
    public int CompareTo(NetworkSetName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>An endpoint by tenant and name; written "tenant/name".</summary>
public readonly record struct EndpointId(TenantName Tenant, string Name) : IComparable<EndpointId>
{
    public int CompareTo(EndpointId other)
    {
        var byTenant = Tenant.CompareTo(other.Tenant);
        return byTenant != 0 ? byTenant : string.CompareOrdinal(Name, other.Name);
    }

    public override string ToString() => $"{Tenant}/{Name}";
}

/// <summary>A policy by owner and name. <see cref="Tenant"/> is null for the operator's policies.</summary>
public readonly record struct PolicyId(TenantName? Tenant, string Name) : IComparable<PolicyId>
{
    /// <summary>Operator's policies first, then by tenant, then by name.</summary>
    public int CompareTo(PolicyId other)
    {
        var byTenant = string.CompareOrdinal(Tenant?.Value, other.Tenant?.Value);
        return byTenant != 0 ? byTenant : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>The API's resource name: "tenants/{tenant}/policies/{name}" or "policies/{name}".</summary>
    public override string ToString() => Tenant is { } tenant ? $"tenants/{tenant}/policies/{Name}" : $"policies/{Name}";
}
