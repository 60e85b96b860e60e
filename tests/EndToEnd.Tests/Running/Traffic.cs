using Vallum.Lab;
using Vallum.Lab.Probing;

namespace Vallum.EndToEnd.Tests.Running;

/// <summary>A probe, and whether it should be answered.</summary>
public readonly record struct Expectation(Probe Probe, bool Allowed);

/// <summary>Sends packets and judges what becomes of them.</summary>
internal static class Traffic
{
    /// <summary>Of what should pass: only a machine that is very busy takes this long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Of what should not: an answer takes microseconds, and every probe that is stopped waits as long as this.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);

    /// <summary>Fails with the differences, the last words of the processes, and the rules of the nodes that are concerned.</summary>
    public static async Task ShouldPassAsExpectedAsync(
        this RunningCluster cluster, IReadOnlyCollection<Expectation> expected, string what, CancellationToken cancellationToken)
    {
        var differences = await Task.WhenAll(
            DifferencesAsync(cluster.Lab, expected, true, Patience, cancellationToken),
            DifferencesAsync(cluster.Lab, expected, false, Silence, cancellationToken));
        var wrong = differences.SelectMany(each => each).ToList();
        if (wrong.Count == 0)
        {
            return;
        }

        var nodes = wrong.SelectMany(difference => NodesOf(cluster.Lab, difference.Probe)).Distinct().Order(StringComparer.Ordinal);
        Assert.Fail($"""
            {what}: {wrong.Count} of {expected.Count} probes went otherwise
            {string.Join('\n', wrong.Take(60).Select(difference => difference.Line))}
            {await Evidence.OfAsync(cluster, nodes)}
            """);
    }

    private static async Task<IEnumerable<(Probe Probe, string Line)>> DifferencesAsync(
        PacketLab lab, IEnumerable<Expectation> expected, bool allowed, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var probes = expected.Where(each => each.Allowed == allowed).Select(each => each.Probe).ToList();
        var table = await lab.ProbeAsync(probes, timeout, cancellationToken);
        return table.Rows
            .Where(row => allowed ? row.Result.Outcome != ProbeOutcome.Allowed : row.Result.Outcome is not (ProbeOutcome.Blocked or ProbeOutcome.Refused))
            .Select(row => (row.Probe, $"{row.Probe} (to {OwnerOf(lab, row.Probe)}): expected {(allowed ? "an answer" : "none")}, saw {row.Result}"));
    }

    private static IEnumerable<string> NodesOf(PacketLab lab, Probe probe)
    {
        LabHost?[] ends = [lab[probe.From], HostOf(lab, probe)];
        return ends.Select(end => end?.Node ?? (end?.Kind == HostKind.Node ? end.Name : null)).OfType<string>();
    }

    private static LabHost? HostOf(PacketLab lab, Probe probe) =>
        lab.Workloads.Concat(lab.Nodes).Concat(lab.Outsiders).FirstOrDefault(host => host.Addresses.Contains(probe.To));

    private static string OwnerOf(PacketLab lab, Probe probe) => HostOf(lab, probe)?.Name ?? "nobody";
}
