namespace Vallum.Cluster.Objects;

/// <summary>Kinds of stored objects. The numbers are in storage: never reused.</summary>
public enum ObjectKind
{
    Tenant = 1,
    Segment = 2,
    Endpoint = 3,
    Node = 4,
    NetworkSet = 5,
    Policy = 6,

    /// <summary>The directory's entry of a tenant: its labels, and whether the tenant's own commit is still awaited.</summary>
    TenantEntry = 7,
}
