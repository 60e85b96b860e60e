namespace Vallum.Silo.Distribution.Hub;

/// <summary>Whose next revision a change belongs to: until it is in a node's kernel, the node is behind on that.</summary>
/// <param name="Before">What a node has of the tenant that lacks the change.</param>
/// <param name="ClusterBefore">The revision of the cluster's own objects before the change; null: not the cluster's.</param>
internal readonly record struct Cause(TenantState? Tenant, AppliedRevision Before, long? ClusterBefore)
{
    /// <summary>Follows from another change, which has its own cause.</summary>
    public static readonly Cause None;

    /// <summary>The tenant's draft is being published.</summary>
    public static Cause OfDraft(TenantState tenant)
    {
        var draft = tenant.Draft!;
        var isNewer = (draft.Revision, draft.ClusterRevision) != (tenant.Revision, tenant.ClusterRevision);

        // A silo that gets more of a tenant than before, at the revision that it has, finds nodes that lack what that revision means for them.
        return new Cause(tenant, isNewer && draft.IsFull == tenant.IsPublishedFull ? new(tenant.Revision, tenant.ClusterRevision) : default, null);
    }

    /// <summary>The tenant's place in groups changes, with one of its revisions that is not known.</summary>
    public static Cause OfScope(TenantState tenant) => new(tenant, default, null);

    public static Cause OfCluster(long before) => new(null, default, before);
}
