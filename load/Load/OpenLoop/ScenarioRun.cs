using System.Diagnostics;
using System.Globalization;
using Vallum.Load.Reports;
using Vallum.Load.Results;
using Vallum.Scenarios.CommandLines;
using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Profiles;

namespace Vallum.Load.OpenLoop;

/// <summary>A scenario by a profile on a ground, from its preparation to its judgement.</summary>
internal sealed class ScenarioRun(RunPlan plan, TextWriter progress)
{
    private const int LooksToALine = 4;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    private readonly LoadProfile _profile = plan.Profile;

    public async Task<RunResult> RunAsync(CancellationToken cancellationToken)
    {
        var machine = Machine.Describe(TimeProvider.System);
        await using var ground = await Ground.StartAsync(plan.Target, _profile.Seed, _profile.Sizes, progress, cancellationToken);
        await using var running = plan.Scenario;
        await running.PrepareAsync(ground, cancellationToken);

        var recorder = new Recorder(_profile.WarmUp, _profile.Duration);
        var silos = new UsageLog(() => ground.Processes);
        var own = new UsageLog(() => [Environment.ProcessId]);
        var started = TimeProvider.System.GetUtcNow();
        IPace pace = OperatingSystem.IsLinux() ? new FinePace() : new ClockPace(TimeProvider.System);
        var loop = new OpenLoopRun(Schedule.Of(_profile), pace, _profile.MostOpen, running.RunOnceAsync, recorder.Add);
        using (var looking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            var looks = LookAsync(loop, pace, recorder, silos, own, looking.Token);
            // A thread of its own: it sleeps in the kernel.
            await await Task.Factory.StartNew(() => loop.RunAsync(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Look(pace, silos, own);
            await looking.CancelAsync();
            await looks;
        }

        await progress.WriteLineAsync("all have ended; judging");
        var faults = await running.VerifyAsync(cancellationToken);
        var (all, kinds, errors, intervals, curve) = recorder.Results(silos.Between);
        var length = TimeSpan.FromSeconds(all.PerSecond > 0 ? all.Done / all.PerSecond : _profile.Duration.TotalSeconds);
        return new RunResult(
            RunResult.CurrentSchema,
            "open-loop",
            running.Name,
            plan.Target.ToString(),
            new ProfileResult(_profile.Name, ProfileText.Of(_profile), _profile.WarmUp.TotalSeconds, _profile.Duration.TotalSeconds),
            started,
            Machine.Hardware(),
            machine,
            [.. faults],
            all,
            kinds,
            errors,
            silos.Result(length, all.Done),
            own.Result(length, all.Done) ?? new UsageResult(0, 0, 0),
            intervals,
            curve,
            [.. running.Figures]);
    }

    private void Look(IPace pace, UsageLog silos, UsageLog own)
    {
        var at = pace.Now - _profile.WarmUp;
        silos.Look(at);
        own.Look(at);
    }

    /// <summary>Until it is cancelled: what processes use, and now and then a line.</summary>
    private async Task LookAsync(OpenLoopRun loop, IPace pace, Recorder recorder, UsageLog silos, UsageLog own, CancellationToken cancellationToken)
    {
        var last = (Stopwatch.GetTimestamp(), Done: 0L);
        for (var count = 0; !cancellationToken.IsCancellationRequested; count++)
        {
            Look(pace, silos, own);
            if (count % LooksToALine == LooksToALine - 1)
            {
                var (done, errors, p50, p99) = recorder.Total;
                var (at, elapsed) = (pace.Now - _profile.WarmUp, Stopwatch.GetElapsedTime(last.Item1).TotalSeconds);
                var (cores, memory) = silos.Between(at - TimeSpan.FromSeconds(2), at);
                await progress.WriteLineAsync(at < TimeSpan.Zero
                    ? "warming up"
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"{at.TotalSeconds,5:0} of {_profile.Duration.TotalSeconds:0} s: {(done - last.Done) / elapsed:0}/s done, {errors} errors, p50 {p50:0.0} ms, p99 {p99:0.0} ms, {loop.Open} open{(cores is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; silos {cores:0.0} cores, {memory:0} MiB"))}"));
                last = (Stopwatch.GetTimestamp(), done);
            }

            await Task.Delay(BetweenLooks, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
