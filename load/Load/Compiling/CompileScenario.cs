using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vallum.Load.Measuring;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Load.Compiling;

/// <summary>The compiler alone, in this process: one tenant from nothing, and then single changes of it.</summary>
internal sealed class CompileScenario(int changes)
{
    private const int Endpoints = 10_000;
    private const int Nodes = 100;
    private const int Apps = 1_000;
    private const int FromNothing = 5;
    private static readonly TenantName Tenant = new("load");

    public string Run(IEnumerable<int> policyCounts, TextWriter progress)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"1 tenant, {Endpoints:n0} endpoints on {Nodes} nodes; milliseconds. From nothing: the fastest of {FromNothing}; single changes: {changes:n0} of each kind.\n\n");
        text.Append("| policies | subjects | from nothing | policy edited p50 | p99 | max | policy added p50 | p99 | max | endpoint relabelled p50 | p99 | max |\n");
        text.Append("|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (var overlapping in new[] { false, true })
        {
            foreach (var count in policyCounts)
            {
                var row = Measure(count, overlapping);
                progress.WriteLine(row);
                text.Append(row).Append('\n');
            }
        }

        return text.ToString();
    }

    private string Measure(int count, bool overlapping)
    {
        ImmutableArray<TenantInput> inputs =
        [
            .. Enumerable.Range(0, Endpoints).Select(index => new TenantInput.PutEndpoint(EndpointOf(index, index % Apps))),
            .. Enumerable.Range(0, count).Select(index => new TenantInput.PutPolicy(PolicyOf(index, 1000 + index, overlapping))),
        ];
        TenantCompiler compiler = new(Tenant);
        var fastest = TimeSpan.MaxValue;
        for (var run = 0; run < FromNothing; run++)
        {
            GC.Collect();
            compiler = new TenantCompiler(Tenant);
            var start = Stopwatch.GetTimestamp();
            compiler.Apply(inputs);
            var took = Stopwatch.GetElapsedTime(start);
            fastest = took < fastest ? took : fastest;
        }

        var edited = Time(compiler, round => [new TenantInput.PutPolicy(PolicyOf(0, 20_000 + (round % 1000), overlapping))]);
        var added = Time(
            compiler,
            _ => [new TenantInput.PutPolicy(PolicyOf(count, 30_000, overlapping))],
            _ => [new TenantInput.RemovePolicy(IdOf(count))]);
        var relabelled = Time(compiler, round => [new TenantInput.PutEndpoint(EndpointOf(0, 1 + (round % 2)))]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {count:n0} | {(overlapping ? "all endpoints" : "10 endpoints each")} | {fastest.TotalMilliseconds:f0} | {edited.Columns("f3")} | {added.Columns("f3")} | {relabelled.Columns("f3")} |");
    }

    /// <param name="undo">Not measured.</param>
    private Latency Time(TenantCompiler compiler, Func<int, TenantInput[]> change, Func<int, TenantInput[]>? undo = null)
    {
        Latency warmUp = new(), latency = new();
        for (var round = 0; round < changes * 2; round++)
        {
            var inputs = change(round);
            var start = Stopwatch.GetTimestamp();
            compiler.Apply(inputs);
            (round < changes ? warmUp : latency).AddSince(start);
            if (undo is not null)
            {
                compiler.Apply(undo(round));
            }
        }

        return latency;
    }

    private static Endpoint EndpointOf(int index, int app) => new(
        new EndpointId(Tenant, $"e{index}"),
        new SegmentName("default"),
        new NodeName($"n{index % Nodes}"),
        [Address.Parse(string.Create(CultureInfo.InvariantCulture, $"10.{index >> 16}.{(index >> 8) & 255}.{index & 255}"))],
        null,
        LabelSet.Of(("app", $"a{app}"), ("all", "yes")),
        []);

    /// <summary>Lets one app reach another, or everybody, on a port.</summary>
    private static Policy PolicyOf(int index, int port, bool overlapping) => new(
        IdOf(index),
        Tier.Tenant,
        0,
        PolicyMode.Enforced,
        Revocation.Keep,
        [overlapping ? Of(Requirement.In("all", "yes")) : Of(Requirement.In("app", $"a{index % Apps}"))],
        [Direction.Ingress],
        [new Rule(
            "ingress-0",
            RuleAction.Allow,
            [new Peer.Endpoints(Of(Requirement.In("app", $"a{(index + 7) % Apps}")))],
            [new Service(IpProtocol.Tcp, [new PortMatch.Numbers(new PortRange((ushort)port, (ushort)port))])])],
        []);

    private static PolicyId IdOf(int index) => new(Tenant, $"p{index}");

    private static EndpointSelector Of(Requirement requirement) => new(TenantScope.Same.Instance, new EndpointQuery(Selector.Of(requirement)));
}
