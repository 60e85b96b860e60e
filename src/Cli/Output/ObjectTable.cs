using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using Phase = Vallum.Contracts.Api.V1.PolicyStatus.Types.Phase;

namespace Vallum.Cli.Output;

/// <summary>Objects of one kind, a line each.</summary>
internal static class ObjectTable
{
    public static void Write(List<ApiObject> objects, bool wide, TextWriter output)
    {
        if (objects.Count == 0)
        {
            output.WriteLine("none");
            return;
        }

        switch (objects[0].ObjectCase)
        {
            case ApiObject.ObjectOneofCase.Tenant:
                Write(objects, wide, output, ["TENANT", "INGRESS", "EGRESS"], o => [Word(o.Tenant.Spec?.DefaultIngress), Word(o.Tenant.Spec?.DefaultEgress)]);
                break;
            case ApiObject.ObjectOneofCase.Segment:
                Write(objects, wide, output, ["SEGMENT", "SELECTOR"], o => [o.Segment.Spec?.Selector is { } selector ? Selector(selector) : "-"]);
                break;
            case ApiObject.ObjectOneofCase.Endpoint:
                Write(
                    objects,
                    wide,
                    output,
                    ["ENDPOINT", "SEGMENT", "NODE", "ADDRESSES"],
                    o => [Or(o.Endpoint.Spec?.Segment, "default"), Or(o.Endpoint.Spec?.Node, "-"), Or(string.Join(',', o.Endpoint.Spec?.Addresses ?? []), "-")]);
                break;
            case ApiObject.ObjectOneofCase.Node:
                NodeTable.Write(objects.Select(o => o.Node), wide, output);
                break;
            case ApiObject.ObjectOneofCase.NetworkSet:
                Write(objects, wide, output, ["NETWORK SET", "CIDRS"], o => [$"{o.NetworkSet.Spec?.Cidrs.Count ?? 0}"]);
                break;
            default:
                WritePolicies(objects, wide, output);
                break;
        }
    }

    private static void WritePolicies(List<ApiObject> objects, bool wide, TextWriter output)
    {
        var heads = wide
            ? new[] { "POLICY", "TIER", "PRIORITY", "MODE", "STATUS", "NODES", "REALIZED IN", "PACKETS", "BYTES", "LAST HIT", "LAGGING" }
            : ["POLICY", "TIER", "MODE", "STATUS", "NODES"];
        Write(objects, wide, output, heads, o =>
        {
            var (spec, status) = (o.Policy.Spec ?? new PolicySpec(), o.Policy.Status);
            var tier = spec.Tier == Tier.Unspecified ? Tier.Tenant : spec.Tier;
            var mode = spec.Mode == PolicyMode.Unspecified ? PolicyMode.Enforced : spec.Mode;
            var phase = status is null || status.Phase == Phase.Unspecified ? "-" : status.Phase.ToString().ToLowerInvariant();
            var failed = status is { NodesFailed: > 0 } ? $" ({status.NodesFailed} failed)" : "";
            var nodes = status is null ? "-" : $"{status.NodesRealized}/{status.NodesDesired}{failed}";
            string[] cells = wide
                ?
                [
                    tier.ToString().ToLowerInvariant(), tier == Tier.Tenant ? "-" : $"{spec.Priority}", mode.ToString().ToLowerInvariant(), phase, nodes,
                    status?.RealizedIn is { } duration ? Durations.Write(duration.ToTimeSpan()) : "-",
                    Figures.Packets(status?.Hits), Figures.Bytes(status?.Hits), Figures.Ago(status?.Hits?.LastHit),
                    Or(string.Join(',', status?.Lagging.Select(n => n.Node) ?? []), "-"),
                ]
                : [tier.ToString().ToLowerInvariant(), mode.ToString().ToLowerInvariant(), phase, nodes];
            return cells;
        });
    }

    /// <summary>What a line has no room for: what the rules of a policy have counted.</summary>
    public static void WriteRules(PolicyHits? hits, TextWriter output)
    {
        if (hits is null || hits.Rules.Count == 0)
        {
            return;
        }

        var table = new TextTable("RULE", "DIRECTION", "PACKETS", "BYTES", "LAST HIT");
        foreach (var rule in hits.Rules.OrderBy(r => r.Direction).ThenBy(r => r.Staged).ThenBy(r => r.Rule, StringComparer.Ordinal))
        {
            var name = rule.Staged ? $"{rule.Rule} (staged)" : rule.Rule;
            table.Add(name, rule.Direction.ToString().ToLowerInvariant(), Figures.Count(rule.Packets), Figures.Size(rule.Bytes), Figures.Ago(rule.LastHit));
        }

        output.WriteLine();
        table.Write(output);
        if (hits.NodesMerged > 0)
        {
            output.WriteLine($"on {hits.NodesMerged} nodes the policy shares sets with others: what it decides there is not in these figures");
        }
    }

    /// <summary>The name, the cells, and the age; the labels too when wide.</summary>
    private static void Write(List<ApiObject> objects, bool wide, TextWriter output, string[] heads, Func<ApiObject, string[]> cells)
    {
        var table = new TextTable([.. heads, "AGE", .. wide ? (string[])["LABELS"] : []]);
        foreach (var value in objects)
        {
            var metadata = Manifests.Parsing.ApiObjects.MetadataOf(value) ?? new Metadata();
            var age = metadata.CreateTime is { } created ? Durations.Write(DateTime.UtcNow - created.ToDateTime()) : "-";
            var labels = Or(string.Join(',', metadata.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")), "-");
            table.Add([value.NameOrEmpty(), .. cells(value), age, .. wide ? (string[])[labels] : []]);
        }

        table.Write(output);
    }

    private static string Selector(LabelSelector selector)
    {
        var labels = selector.MatchLabels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}");
        var expressions = selector.MatchExpressions.Select(e => $"{e.Key} {e.Operator.ToString().ToLowerInvariant()} ({string.Join(',', e.Values)})");
        return Or(string.Join(',', labels.Concat(expressions)), "all");
    }

    private static string Word(Posture? posture) => posture == Posture.Deny ? "deny" : "allow";

    private static string Or(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : text;
}
