namespace Vallum.Policies.Resources;

/// <summary>What the compiler of a tenant makes.</summary>
public enum ResourceKind
{
    /// <summary>The endpoints of the tenant on one node. Name: the node's name.</summary>
    Binding,

    /// <summary>The policies in force for one identity. Name: <see cref="ProfileId"/>.</summary>
    Profile,

    /// <summary>The rules of one policy. Name: <see cref="PolicyRulesId"/>.</summary>
    PolicyRules,

    /// <summary>The tenant's share of a group. Name: <see cref="GroupPartId"/>.</summary>
    GroupPart,
}

public readonly record struct ResourceKey(ResourceKind Kind, string Name)
{
    public override string ToString() => $"{Kind}/{Name}";
}

/// <summary>Names one identity (tenant, segments, label set, named ports), not the content: bindings do not move when policies do.</summary>
public readonly record struct ProfileId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>
/// <see cref="Vallum.Policies.Model.PolicyId"/> as text; with "@{tenant}" behind it for an operator's policy whose peers are seen from the tenant
/// (same, other), so that its rules differ from tenant to tenant.
/// </summary>
public readonly record struct PolicyRulesId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Hash of a <see cref="GroupDefinition"/>: equal selectors share one group, one address set, one resource.</summary>
public readonly record struct GroupId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Hash of an <see cref="EndpointPart"/>: what one tenant contributes does not depend on which tenants the group looks into.</summary>
public readonly record struct GroupPartId(string Value)
{
    public override string ToString() => Value;
}
