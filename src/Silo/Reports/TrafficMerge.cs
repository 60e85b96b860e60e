using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Reports;

/// <summary>Silos' shares of the same thing, added up. No node is in two of them. Pure.</summary>
internal static class TrafficMerge
{
    public static PolicyHits Of(PolicyHits? sum, PolicyHits part)
    {
        if (sum is null)
        {
            return part;
        }

        if (part.HasPackets)
        {
            sum.Packets += part.Packets;
            sum.Bytes += part.Bytes;
        }

        sum.LastHit = Later(sum.LastHit, part.LastHit);
        sum.PacketsPerSecond += part.PacketsPerSecond;
        sum.BytesPerSecond += part.BytesPerSecond;
        sum.Nodes += part.Nodes;
        sum.NodesMerged += part.NodesMerged;
        foreach (var rule in part.Rules)
        {
            if (sum.Rules.FirstOrDefault(r => r.Rule == rule.Rule && r.Direction == rule.Direction && r.Staged == rule.Staged) is { } known)
            {
                known.Packets += rule.Packets;
                known.Bytes += rule.Bytes;
                known.LastHit = Later(known.LastHit, rule.LastHit);
            }
            else
            {
                sum.Rules.Add(rule);
            }
        }

        return sum;
    }

    public static Top Of(GetTopRequest request, IEnumerable<Top> parts)
    {
        var policies = new Dictionary<string, PolicyRate>(StringComparer.Ordinal);
        var denied = new Dictionary<(Direction, string), DeniedRate>();
        List<NodeRate> nodes = [];
        foreach (var part in parts)
        {
            foreach (var row in part.Policies)
            {
                policies[row.Policy] = policies.TryGetValue(row.Policy, out var known) ? Of(known, row) : row;
            }

            foreach (var row in part.Denied)
            {
                denied[(row.Direction, row.Group)] = denied.TryGetValue((row.Direction, row.Group), out var known) ? Of(known, row) : row;
            }

            nodes.AddRange(part.Nodes);
        }

        return new Top
        {
            Policies = { policies.Values.InOrder(request.Order).Take(request.Limit) },
            Denied = { denied.Values.InOrder(request.Order).Take(request.Limit) },
            Nodes = { nodes.InOrder(request.Order).Take(request.Limit) },
        };
    }

    private static PolicyRate Of(PolicyRate sum, PolicyRate part)
    {
        sum.Hits = Of(sum.Hits, part.Hits);
        return sum;
    }

    private static DeniedRate Of(DeniedRate sum, DeniedRate part)
    {
        sum.Packets += part.Packets;
        sum.Bytes += part.Bytes;
        sum.PacketsPerSecond += part.PacketsPerSecond;
        sum.BytesPerSecond += part.BytesPerSecond;
        sum.LastHit = Later(sum.LastHit, part.LastHit);
        sum.Nodes += part.Nodes;
        sum.EndpointCount += part.EndpointCount;
        var names = sum.Endpoints.Concat(part.Endpoints).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(3).ToList();
        sum.Endpoints.Clear();
        sum.Endpoints.Add(names);
        sum.Tenant = sum.Tenant.Length > 0 ? sum.Tenant : part.Tenant;
        return sum;
    }

    private static Timestamp? Later(Timestamp? one, Timestamp? other) => one is null || (other is not null && other > one) ? other : one;
}
