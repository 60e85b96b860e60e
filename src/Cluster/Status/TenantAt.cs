namespace Vallum.Cluster.Status;

/// <summary>A tenant at a revision, and at one of the cluster's own objects.</summary>
[GenerateSerializer, Immutable, Alias("vallum.TenantAt")]
public readonly record struct TenantAt([property: Id(0)] string Tenant, [property: Id(1)] long Revision, [property: Id(2)] long Cluster);
