using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Reports;

/// <summary>Sums as the API says them. Tiers and directions have the same numbers on both wires.</summary>
internal static class TrafficText
{
    public static PolicyHits Of(PolicySum sum, bool rules)
    {
        var hits = new PolicyHits
        {
            LastHit = TimeOf(sum.LastHit),
            PacketsPerSecond = sum.Amount.PacketRate,
            BytesPerSecond = sum.Amount.ByteRate,
            Nodes = sum.Nodes,
            NodesMerged = sum.Merged,
        };
        if (sum.Nodes > 0)
        {
            (hits.Packets, hits.Bytes) = (sum.Amount.Packets, sum.Amount.Bytes);
        }

        if (rules)
        {
            hits.Rules.Add(sum.Rules.Select(r => new RuleHits
            {
                Direction = (Direction)r.Key.Direction,
                Rule = r.Key.Rule,
                Staged = r.Key.Staged,
                Packets = r.Value.Amount.Packets,
                Bytes = r.Value.Amount.Bytes,
                LastHit = TimeOf(r.Value.LastHit),
            }));
        }

        return hits;
    }

    public static Top Top(GetTopRequest request, int rows, TrafficSums sums, IEnumerable<NodeCounts> nodes)
    {
        var top = new Top();
        switch (request.View)
        {
            case TopView.Policies:
                top.Policies.Add(sums.Policies
                    .Where(p => request.Tenant.Length == 0 || p.Key.StartsWith($"{request.Tenant}/", StringComparison.Ordinal))
                    .Select(p => new PolicyRate { Policy = p.Key, Tier = (Tier)p.Value.Tier, Hits = Of(p.Value, rules: false) })
                    .InOrder(request.Order).Take(rows));
                break;
            case TopView.Denied:
                top.Denied.Add(sums.Groups.Select(g => Of(g.Key, g.Value))
                    .Where(d => request.Tenant.Length == 0 || d.Tenant == request.Tenant)
                    .InOrder(request.Order).Take(rows));
                break;
            case TopView.Nodes:
                top.Nodes.Add(nodes.Where(n => n.IsCounted).Select(Of).InOrder(request.Order).Take(rows));
                break;
        }

        return top;
    }

    /// <summary>The busiest first; of those that rest, the largest total.</summary>
    public static IOrderedEnumerable<PolicyRate> InOrder(this IEnumerable<PolicyRate> rows, TopOrder order) => order == TopOrder.Bytes
        ? rows.OrderByDescending(r => r.Hits.BytesPerSecond).ThenByDescending(r => r.Hits.Bytes).ThenBy(r => r.Policy, StringComparer.Ordinal)
        : rows.OrderByDescending(r => r.Hits.PacketsPerSecond).ThenByDescending(r => r.Hits.Packets).ThenBy(r => r.Policy, StringComparer.Ordinal);

    /// <inheritdoc cref="InOrder(IEnumerable{PolicyRate}, TopOrder)"/>
    public static IOrderedEnumerable<DeniedRate> InOrder(this IEnumerable<DeniedRate> rows, TopOrder order) => order == TopOrder.Bytes
        ? rows.OrderByDescending(r => r.BytesPerSecond).ThenByDescending(r => r.Bytes).ThenBy(KeyOf, StringComparer.Ordinal)
        : rows.OrderByDescending(r => r.PacketsPerSecond).ThenByDescending(r => r.Packets).ThenBy(KeyOf, StringComparer.Ordinal);

    /// <summary>Those that deny most first, then the busiest.</summary>
    public static IOrderedEnumerable<NodeRate> InOrder(this IEnumerable<NodeRate> rows, TopOrder order) => order == TopOrder.Bytes
        ? rows.OrderByDescending(r => r.DeniedBytesPerSecond).ThenByDescending(r => r.BytesPerSecond).ThenByDescending(r => r.DeniedBytes).ThenBy(r => r.Node, StringComparer.Ordinal)
        : rows.OrderByDescending(r => r.DeniedPacketsPerSecond).ThenByDescending(r => r.PacketsPerSecond).ThenByDescending(r => r.DeniedPackets).ThenBy(r => r.Node, StringComparer.Ordinal);

    private static string KeyOf(DeniedRate row) => $"{row.Tenant}/{(row.Endpoints.Count > 0 ? row.Endpoints[0] : "")}/{row.Direction}";

    private static DeniedRate Of(GroupName name, GroupSum sum)
    {
        var first = sum.Members.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => m.Value).FirstOrDefault(m => m.Tenant.Length > 0);
        return new DeniedRate
        {
            Direction = (Direction)name.Direction,
            Group = name.Profile,
            Tenant = first is null ? "" : $"tenants/{first.Tenant}",
            Endpoints = { sum.Members.Values.SelectMany(m => m.Endpoints).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(3).Select(FlowText.EndpointOf) },
            EndpointCount = sum.Members.Values.Sum(m => m.Count),
            Packets = sum.Amount.Packets,
            Bytes = sum.Amount.Bytes,
            PacketsPerSecond = sum.Amount.PacketRate,
            BytesPerSecond = sum.Amount.ByteRate,
            LastHit = TimeOf(sum.LastHit),
            Nodes = sum.Nodes,
        };
    }

    private static NodeRate Of(NodeCounts node) => new()
    {
        Node = $"nodes/{node.Stream.Node}",
        PacketsPerSecond = node.Met.PacketRate,
        BytesPerSecond = node.Met.ByteRate,
        DeniedPackets = node.Denied.Packets,
        DeniedBytes = node.Denied.Bytes,
        DeniedPacketsPerSecond = node.Denied.PacketRate,
        DeniedBytesPerSecond = node.Denied.ByteRate,
        DriftRepairs = node.DriftRepairs,
        Time = TimeOf(node.ReadAt),
    };

    private static Timestamp? TimeOf(DateTimeOffset? time) => time is { } at ? Timestamp.FromDateTimeOffset(at) : null;
}
