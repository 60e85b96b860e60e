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

    /// <summary>The directory's entry of a tenant that exists: its document's content. <see cref="ObjectDocument.Generation"/> is the tenant's revision that told it.</summary>
    TenantEntry = 7,

    /// <summary>A tenant whose commit is awaited: its existence or its labels may be about to change. No content; not in feeds.</summary>
    TenantPending = 8,
}
