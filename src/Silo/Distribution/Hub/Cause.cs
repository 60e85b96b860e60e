namespace Vallum.Silo.Distribution.Hub;

/// <summary>Whose next revision a change belongs to: until it is in a node's kernel, the node is behind on that.</summary>
/// <param name="ClusterBefore">The revision of the cluster's own objects before the change; null: not the cluster's.</param>
internal readonly record struct Cause(TenantState? Tenant, long? ClusterBefore)
{
    /// <summary>Follows from another change, which has its own cause.</summary>
    public static readonly Cause None;

    public static Cause Of(TenantState tenant) => new(tenant, null);

    public static Cause OfCluster(long before) => new(null, before);
}
