using Microsoft.Extensions.Diagnostics.HealthChecks;
using Vallum.Silo.Grains.Cluster;

namespace Vallum.Silo.Hosting;

/// <summary>Ready: this silo follows the cluster's own objects, so that it can answer orchestrators and serve agents; and it is not about to stop.</summary>
internal sealed class ReadinessCheck(ClusterView cluster, IHostApplicationLifetime lifetime) : IHealthCheck
{
    /// <summary>A check with this tag says whether the silo takes work.</summary>
    public const string Tag = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The silo is stopping.")
        : !cluster.IsLoaded ? HealthCheckResult.Unhealthy("The cluster's own objects are not known yet.")
        : HealthCheckResult.Healthy());
}
