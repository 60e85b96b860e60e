using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;

namespace Vallum.Cli.Output;

/// <summary>The busiest, a line each.</summary>
internal static class TopTable
{
    public static void Write(Top top, TopView view, TextWriter output)
    {
        switch (view)
        {
            case TopView.Denied:
                WriteDenied(top, output);
                break;
            case TopView.Nodes:
                WriteNodes(top, output);
                break;
            default:
                WritePolicies(top, output);
                break;
        }
    }

    /// <summary>"shop/web" for "tenants/shop/policies/web".</summary>
    public static string Short(string name) => ObjectName.TryParse(name, out var parsed) ? ObjectNames.Short(parsed) : name;

    private static void WritePolicies(Top top, TextWriter output)
    {
        var table = new TextTable("POLICY", "TIER", "PACKETS/S", "BYTES/S", "PACKETS", "BYTES", "LAST HIT", "NODES");
        foreach (var row in top.Policies)
        {
            table.Add(
                Short(row.Policy), row.Tier.ToString().ToLowerInvariant(), Figures.Rate(row.Hits.PacketsPerSecond), Figures.SizeRate(row.Hits.BytesPerSecond),
                Figures.Packets(row.Hits), Figures.Bytes(row.Hits), Figures.Ago(row.Hits.LastHit), $"{row.Hits.Nodes}");
        }

        table.Write(output);
    }

    private static void WriteDenied(Top top, TextWriter output)
    {
        var table = new TextTable("DENIED", "TENANT", "SEGMENT", "PACKETS/S", "BYTES/S", "PACKETS", "BYTES", "LAST HIT", "ENDPOINTS");
        foreach (var row in top.Denied)
        {
            var more = row.EndpointCount - row.Endpoints.Count;
            var endpoints = string.Join(',', row.Endpoints.Select(Short)) + (more > 0 ? $" and {more} more" : "");
            table.Add(
                row.Direction switch
                {
                    Direction.Ingress => "to",
                    Direction.Egress => "from",
                    _ => "forged, unknown",
                },
                Or(Short(row.Tenant)), Or(row.Segment), Figures.Rate(row.PacketsPerSecond), Figures.SizeRate(row.BytesPerSecond),
                Figures.Count(row.Packets), Figures.Size(row.Bytes), Figures.Ago(row.LastHit), Or(endpoints));
        }

        table.Write(output);
    }

    private static void WriteNodes(Top top, TextWriter output)
    {
        var table = new TextTable("NODE", "DENIED/S", "PACKETS/S", "BYTES/S", "DENIED", "REPAIRS", "COUNTED");
        foreach (var row in top.Nodes)
        {
            table.Add(
                Short(row.Node), Figures.Rate(row.DeniedPacketsPerSecond), Figures.Rate(row.PacketsPerSecond), Figures.SizeRate(row.BytesPerSecond),
                Figures.Count(row.DeniedPackets), $"{row.DriftRepairs}", Figures.Ago(row.Time));
        }

        table.Write(output);
    }

    private static string Or(string text) => text.Length == 0 ? "-" : text;
}
