using Vallum.Workloads;

namespace Vallum.Scenarios.Days;

/// <summary>One endpoint goes, or one comes in a place that is free.</summary>
internal sealed class EndpointChurn : ChurnScenario
{
    public override string Name => "endpoint-churn";

    public override string Summary => "an endpoint goes, or another one comes; 1 % a minute of N endpoints is a rate of N / 3,000";

    public override Task<Outcome> RunOnceAsync(long number, CancellationToken cancellationToken) =>
        ChangeAsync(number, dice => dice < 50 ? ChangeKind.EndpointGoes : ChangeKind.EndpointComes, cancellationToken);
}
