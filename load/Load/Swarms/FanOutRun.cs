using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vallum.Load.Measuring;
using Vallum.Load.Storms;
using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Spans;

namespace Vallum.Load.Swarms;

/// <param name="Agents">That are connected, and that every change concerns.</param>
/// <param name="Rate">Changes each second, whatever they take; 0: one after the other, with a rest in between.</param>
internal readonly record struct FanOutCell(int Agents, double Rate)
{
    /// <exception cref="FormatException">Not "AGENTS@RATE".</exception>
    public static FanOutCell Parse(string text) => text.Split('@') is [var agents, var rate]
        ? new FanOutCell(int.Parse(agents, CultureInfo.InvariantCulture), double.Parse(rate, CultureInfo.InvariantCulture))
        : throw new FormatException($"{text}: not AGENTS@RATE");
}

internal sealed record FanOutPlan(IReadOnlyList<FanOutCell> Cells, TimeSpan Duration, int Others);

/// <summary>Runs <see cref="FanOut"/> against one silo of its own for each cell.</summary>
internal sealed class FanOutRun(FanOutPlan plan, TextWriter progress)
{
    /// <summary>Objects of one of the other tenants: itself, a segment, four endpoints, three policies.</summary>
    private const int ObjectsOfTenant = 9;

    // Longer than the silo merges changes for: each change finds its agents at rest.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder()
            .AppendLine("| agents | changes/s | changes | call → last agent p50, p99, max ms | answer → last agent p50, p99, max ms | first → last agent p50 ms | silo CPU per change, ms | per change and agent, µs | swarm CPU per change and agent, µs |")
            .AppendLine("|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var cell in plan.Cells)
        {
            text.AppendLine(await RunAsync(cell, cancellationToken));
        }

        return text.ToString();
    }

    private async Task<string> RunAsync(FanOutCell cell, CancellationToken cancellationToken)
    {
        var sizes = new Sizes(plan.Others / ObjectsOfTenant, EndpointsPerTenant: 4, PoliciesPerTenant: 3, cell.Agents, cell.Agents);
        await using var ground = await Ground.StartAsync(new Target.One(), 1, sizes, progress, cancellationToken);
        await using var scenario = new FanOut();
        await scenario.PrepareAsync(ground, cancellationToken);
        await progress.WriteLineAsync($"{cell.Agents} agents are in sync");
        var number = await DriveAsync(scenario, cell, 0, plan.Duration, cancellationToken);
        scenario.Forget();
        var (silo, own) = (SiloUsage.Of(ground.Processes[0]), Environment.CpuUsage.TotalTime);
        number = await DriveAsync(scenario, cell, number, plan.Duration, cancellationToken);
        var (siloTime, ownTime) = (SiloUsage.Of(ground.Processes[0]).Processor - silo.Processor, Environment.CpuUsage.TotalTime - own);
        if (await scenario.VerifyAsync(cancellationToken) is { Count: > 0 } faults)
        {
            throw new InvalidDataException($"{cell.Agents} agents: {string.Join("; ", faults)}");
        }

        return Row(cell, scenario, siloTime, ownTime);
    }

    /// <summary>Open: the next change does not wait for the last one, but with a rate of 0.</summary>
    private static async Task<long> DriveAsync(FanOut scenario, FanOutCell cell, long number, TimeSpan duration, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var open = new List<Task>();
        for (var first = number; Stopwatch.GetElapsedTime(start) < duration; number++)
        {
            if (cell.Rate > 0)
            {
                var wait = TimeSpan.FromSeconds((number - first) / cell.Rate) - Stopwatch.GetElapsedTime(start);
                if (wait > TimeSpan.FromMilliseconds(1))
                {
                    await Task.Delay(wait, cancellationToken);
                }

                open.RemoveAll(task => task.IsCompletedSuccessfully);
                open.Add(OnceAsync(scenario, number, cancellationToken));
            }
            else
            {
                await OnceAsync(scenario, number, cancellationToken);
                await Task.Delay(Rest, cancellationToken);
            }
        }

        await Task.WhenAll(open);
        return number;
    }

    private static async Task OnceAsync(FanOut scenario, long number, CancellationToken cancellationToken)
    {
        var outcome = await scenario.RunOnceAsync(number, cancellationToken);
        if (!outcome.IsDone)
        {
            throw new InvalidDataException($"change {number}: {outcome.Error}");
        }
    }

    private static string Row(FanOutCell cell, FanOut scenario, TimeSpan silo, TimeSpan own)
    {
        var (fromCall, fromAnswer, spread) = (new Latency(), new Latency(), new Latency());
        foreach (var times in scenario.Times)
        {
            fromCall.Add(times.FromCall);
            fromAnswer.Add(times.FromAnswer);
            spread.Add(times.FirstToLast);
        }

        var changes = scenario.Times.Count;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {cell.Agents:n0} | {(cell.Rate > 0 ? cell.Rate.ToString("n0", CultureInfo.InvariantCulture) : "one by one")} | {changes:n0} | {Three(fromCall)} | {Three(fromAnswer)} | {spread.P50:0.00} | {silo.TotalMilliseconds / changes:0.0} | {silo.TotalMicroseconds / changes / cell.Agents:0.0} | {own.TotalMicroseconds / changes / cell.Agents:0.0} |");
    }

    private static string Three(Latency latency) => latency.Columns("0.00").Replace(" |", ",", StringComparison.Ordinal);
}
