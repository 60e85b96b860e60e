using Vallum.Cluster;
using Vallum.Cluster.Compiled;

namespace Vallum.Silo.Distribution.Owners;

/// <summary>Tenants' owners are grains.</summary>
internal sealed class GrainCompiledSource(IGrainFactory grains) : ICompiledSource
{
    private readonly GrainsOf<ITenantGrain> _tenants = new(grains);

    public Task<PullReply> Pull(string tenant, PullRequest request, CancellationToken cancellationToken) =>
        _tenants[tenant].Pull(request, cancellationToken);

    public Task Report(string tenant, ProgressReport report, CancellationToken cancellationToken) =>
        _tenants[tenant].Report(report).WaitAsync(cancellationToken);
}
