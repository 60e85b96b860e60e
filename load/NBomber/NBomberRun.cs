using NBomber.Contracts;
using NBomber.CSharp;
using Vallum.Scenarios.CommandLines;
using Vallum.Scenarios.Grounds;
using NBomberScenario = NBomber.CSharp.Scenario;

namespace Vallum.NBomberDriver;

/// <summary>
/// A scenario of ours as one of NBomber's. NBomber injects by itself and counts from the real start of an operation, so that its percentiles leave out what
/// load/Load's open loop charges; the judgement at the end is the same.
/// </summary>
internal sealed class NBomberRun(RunPlan plan, string reports, string[] arguments)
{
    private long _count = -1;

    /// <returns>0: it ran, and at the end everything was as acknowledged; 1: it was not.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var profile = plan.Profile;
        await using var ground = await Ground.StartAsync(plan.Target, profile.Seed, profile.Sizes, Console.Error, cancellationToken);
        await using var scenario = plan.Scenario;
        await scenario.PrepareAsync(ground, cancellationToken);

        var run = NBomberScenario.Create(scenario.Name, async _ => await RunOnceAsync(cancellationToken))
            .WithLoadSimulations([.. Simulations.Of(profile)]);
        run = profile.WarmUp > TimeSpan.Zero ? run.WithWarmUpDuration(profile.WarmUp) : run.WithoutWarmUp();
        NBomberRunner.RegisterScenarios(run).WithReportFolder(reports).Run(arguments);

        var faults = await scenario.VerifyAsync(cancellationToken);
        foreach (var fault in faults)
        {
            await Console.Error.WriteLineAsync(fault);
        }

        await Console.Error.WriteLineAsync(faults.Count == 0 ? "at the end everything was as acknowledged" : "failed: the figures are of no use");
        return faults.Count == 0 ? 0 : 1;
    }

    private async Task<IResponse> RunOnceAsync(CancellationToken cancellationToken)
    {
        var outcome = await plan.Scenario.RunOnceAsync(Interlocked.Increment(ref _count), cancellationToken);
        return outcome.IsDone
            ? Response.Ok(statusCode: outcome.Kind)
            : Response.Fail(statusCode: outcome.Error, message: outcome.Kind);
    }
}
