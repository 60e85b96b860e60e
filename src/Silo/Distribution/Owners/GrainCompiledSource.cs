using Vallum.Cluster;
using Vallum.Cluster.Compiled;

namespace Vallum.Silo.Distribution.Owners;

/// <summary>Tenants' owners are grains.</summary>
internal sealed class GrainCompiledSource(IGrainFactory grains) : ICompiledSource
{
    public Task<PullReply> Pull(string tenant, PullRequest request, CancellationToken cancellationToken) =>
        grains.GetGrain<ITenantGrain>(tenant).Pull(request, cancellationToken);

    public Task Report(string tenant, ProgressReport report, CancellationToken cancellationToken) =>
        grains.GetGrain<ITenantGrain>(tenant).Report(report).WaitAsync(cancellationToken);
}
