using System.Collections.Immutable;
using Vallum.Cluster.Objects;
using Vallum.Policies.Model;
using Vallum.Silo.Distribution;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Silo.Grains.Cluster;

/// <summary>The cluster's own objects, and each answer of their feed, make the next snapshot.</summary>
internal static class ClusterSnapshots
{
    /// <exception cref="InvalidDataException">An object cannot be read: it was written by a newer release.</exception>
    public static ClusterSnapshot With(this ClusterSnapshot before, FeedReply reply)
    {
        var from = reply.Whole ? ClusterSnapshot.Empty : before;
        var tenants = from.Tenants.ToBuilder();
        var nodes = from.Nodes.ToBuilder();
        var sets = from.NetworkSets.ToBuilder();
        var policies = from.Policies.ToBuilder();
        foreach (var one in reply.Events)
        {
            var value = one.Document is { } document
                ? ContentParser.Value(one.Kind, one.Kind == ObjectKind.TenantEntry ? one.Name : null, one.Name, document.Content)
                : null;
            switch (one.Kind)
            {
                case ObjectKind.TenantEntry:
                    Set(tenants, new TenantName(one.Name), (value as Tenant)?.Labels);
                    break;
                case ObjectKind.Node:
                    Set(nodes, new NodeName(one.Name), value as Node);
                    break;
                case ObjectKind.NetworkSet:
                    Set(sets, new NetworkSetName(one.Name), value as NetworkSet);
                    break;
                case ObjectKind.Policy:
                    Set(policies, new PolicyId(null, one.Name), value as Policy);
                    break;
            }
        }

        return new ClusterSnapshot(reply.Revision, tenants.ToImmutable(), nodes.ToImmutable(), sets.ToImmutable(), policies.ToImmutable());
    }

    private static void Set<TKey, TValue>(ImmutableDictionary<TKey, TValue>.Builder values, TKey key, TValue? value)
        where TKey : notnull
        where TValue : class
    {
        if (value is null)
        {
            values.Remove(key);
        }
        else
        {
            values[key] = value;
        }
    }
}
