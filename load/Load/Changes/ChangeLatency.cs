using System.Collections.Immutable;
using System.Diagnostics;
using Vallum.Load.Measuring;
using Vallum.Load.Running;
using Vallum.Load.Worlds;

namespace Vallum.Load.Changes;

/// <summary>How a run is made.</summary>
/// <param name="Changes">Of each kind; the median and the 99th percentile need some hundreds.</param>
/// <param name="Limit">For one cycle at one place: then it ends with fewer changes.</param>
/// <param name="Policies">Ascending.</param>
internal sealed record ChangeLatencyPlan(
    ImmutableArray<Shape> Shapes, ImmutableArray<int> Nodes, ImmutableArray<int> Policies, int Changes, TimeSpan Limit);

/// <summary>
/// From one API call to the kernels of all nodes, one change at a time. For each shape and number of nodes the parts start anew; the policies grow in
/// them, and at each size every cycle is measured.
/// </summary>
internal sealed class ChangeLatency(ChangeLatencyPlan plan, TextWriter progress)
{
    /// <summary>Rounds before those that count: code is compiled and connections are opened in them.</summary>
    private const int WarmUp = 30;

    /// <summary>For each cycle once per start of the parts.</summary>
    private static readonly TimeSpan FirstWarmUp = TimeSpan.FromSeconds(3);

    /// <summary>
    /// From the start of a change to that of the next, at least. A node is sent one update in 20 ms: changes that follow each other more quickly measure that.
    /// </summary>
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(30);

    public async Task<ImmutableArray<Cell>> RunAsync(CancellationToken cancellationToken)
    {
        var cells = ImmutableArray.CreateBuilder<Cell>();
        foreach (var nodes in plan.Nodes)
        {
            foreach (var shape in plan.Shapes)
            {
                await using var site = await Site.StartAsync(nodes, cancellationToken);
                await site.Api.ApplyAllAsync(World.Probed(site.Lab), cancellationToken);
                await site.Api.ApplyAllAsync(World.Endpoints(shape, site.Lab), cancellationToken);
                foreach (var cycle in ChangeCycle.All)
                {
                    await WarmUpAsync(site.Api, cycle, FirstWarmUp, cancellationToken);
                }

                var there = 0;
                foreach (var policies in plan.Policies)
                {
                    var start = Stopwatch.GetTimestamp();
                    await site.Api.ApplyAllAsync(World.Policies(shape, there, policies), cancellationToken);
                    there = policies;
                    await progress.WriteLineAsync($"{shape}, {nodes} nodes: {policies} policies loaded in {Stopwatch.GetElapsedTime(start).TotalSeconds:f1} s");
                    foreach (var cycle in ChangeCycle.All)
                    {
                        cells.Add(await MeasureAsync(site, shape, nodes, policies, cycle, cancellationToken));
                    }
                }
            }
        }

        return cells.ToImmutable();
    }

    private async Task<Cell> MeasureAsync(Site site, Shape shape, int nodes, int policies, ChangeCycle cycle, CancellationToken cancellationToken)
    {
        var latencies = Latencies(cycle);
        var round = await WarmUpAsync(site.Api, cycle, plan.Limit / 8, cancellationToken);
        var before = await site.Api.CountersAsync(cancellationToken);
        var used = site.ProcessorTime;
        var start = Stopwatch.GetTimestamp();
        for (var last = round + plan.Changes; round < last && Stopwatch.GetElapsedTime(start) < plan.Limit; round++)
        {
            await RoundAsync(site.Api, latencies, round, cancellationToken);
        }

        used = site.ProcessorTime - used;
        var counted = await site.Api.CountersAsync(cancellationToken) - before;
        foreach (var step in latencies)
        {
            await progress.WriteLineAsync(
                $"  {step.Change.Name}: {step.Realized.Count} times, durable p50 {step.Api.P50:f1} ms, realized p50 {step.Realized.P50:f1} ms, p99 {step.Realized.P99:f1} ms");
        }

        return new Cell(shape, nodes, policies, cycle, latencies, (int)latencies.Sum(step => step.Api.Count), counted, used);
    }

    /// <returns>The next round.</returns>
    private static async Task<int> WarmUpAsync(ControlPlane api, ChangeCycle cycle, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var round = 0;
        while (round < WarmUp && Stopwatch.GetElapsedTime(start) < limit)
        {
            await RoundAsync(api, Latencies(cycle), round++, cancellationToken);
        }

        return round;
    }

    private static ImmutableArray<StepLatency> Latencies(ChangeCycle cycle) =>
        [.. cycle.Changes.Select(change => new StepLatency(change, new Latency(), new Latency()))];

    private static async Task RoundAsync(ControlPlane api, ImmutableArray<StepLatency> steps, int round, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
        {
            var request = step.Change.Request(round);
            var start = Stopwatch.GetTimestamp();
            var applied = await api.ApplyAsync(request, cancellationToken);
            step.Api.AddSince(start);
            await api.RealizedAsync(applied, cancellationToken);
            step.Realized.AddSince(start);
            if (Spacing - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } left)
            {
                await Task.Delay(left, cancellationToken);
            }
        }
    }
}
