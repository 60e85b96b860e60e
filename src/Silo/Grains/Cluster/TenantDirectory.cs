using Vallum.Cluster.Objects;
using Vallum.Policies.Model;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Silo.Grains.Cluster;

/// <summary>
/// The directory of tenants as edits of the cluster's own objects. A tenant is expected from before its commit until it has said what it committed; who is
/// expected for long is asked. Decides only; the grain keeps and asks.
/// </summary>
internal static class TenantDirectory
{
    public const string Actor = "directory";

    /// <summary>The tenant is expected. Every time anew: an answer to an earlier question must not end a later expectation.</summary>
    public static ScopeEdit Begin(IObjectView objects, string tenant, CommitStamp stamp)
    {
        var key = new ScopeKey(ObjectKind.TenantPending, tenant);
        var document = new ObjectDocument(ObjectKind.TenantPending, tenant, [], "", 1, stamp.Revision, stamp.Time, stamp.Time);
        return new ScopeEdit(key, objects.Find(key), new ScopeObject(document, tenant));
    }

    /// <summary>What the tenant says that it committed.</summary>
    /// <param name="revision">The tenant's.</param>
    /// <param name="told">The tenant's revision that the directory heard last; what is older is not believed.</param>
    /// <param name="expected">Only the expectation with this revision ends; null: whichever there is.</param>
    public static IEnumerable<ScopeEdit> Complete(
        IObjectView objects, string tenant, long revision, ObjectDocument? document, long told, long? expected, CommitStamp stamp)
    {
        var pending = objects.Find(new ScopeKey(ObjectKind.TenantPending, tenant));
        if (pending is not null && (expected is null || pending.Document.Revision == expected))
        {
            yield return new ScopeEdit(pending.Key, pending, null);
        }

        var entry = objects.Find(new ScopeKey(ObjectKind.TenantEntry, tenant));
        if (revision >= Math.Max(told, entry?.Document.Generation ?? 0) && Next(tenant, revision, document, entry, stamp) is { } edit)
        {
            yield return edit;
        }
    }

    private static ScopeEdit? Next(string tenant, long revision, ObjectDocument? document, ScopeObject? entry, CommitStamp stamp)
    {
        var key = new ScopeKey(ObjectKind.TenantEntry, tenant);
        if (document is null)
        {
            return entry is null ? null : new ScopeEdit(key, entry, null);
        }

        if (entry is not null && entry.Document.Uid == document.Uid && entry.Document.Content.AsSpan().SequenceEqual(document.Content.AsSpan()))
        {
            return null;
        }

        var value = (Tenant)ContentParser.Value(ObjectKind.TenantEntry, tenant, tenant, document.Content);
        return new ScopeEdit(key, entry, new ScopeObject(
            new ObjectDocument(ObjectKind.TenantEntry, tenant, document.Content, document.Uid, revision, stamp.Revision, document.CreateTime, stamp.Time), value));
    }
}
