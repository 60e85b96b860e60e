using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Vallum.Cluster;
using Vallum.Cluster.Status;
using Vallum.Silo.Distribution;
using Vallum.Silo.Distribution.Sessions;
using Vallum.Silo.Hosting;

namespace Vallum.Silo.Balance;

/// <inheritdoc cref="ISiloService"/>
internal sealed class SiloService(
    GrainId id,
    Orleans.Runtime.Silo silo,
    ILoggerFactory loggers,
    TenantCensus tenants,
    OpenSessions sessions,
    AgentDoor door,
    ResourceHub hub,
    IClusterView cluster,
    IOptions<SiloOptions> options,
    SiloStart start) : GrainService(id, silo, loggers), ISiloService
{
    public Task<SiloLoad> Load()
    {
        var (agents, behind, lag) = sessions.Count();
        return Task.FromResult(new SiloLoad(
            options.Value.Name, SiloProcess.Version, start.At, door.Address, tenants.Count, agents, behind, lag, cluster.Current.Revision));
    }

    public Task<ImmutableArray<ImmutableArray<NodeProgress>>> Lagging(ImmutableArray<TenantAt> asked) =>
        Task.FromResult<ImmutableArray<ImmutableArray<NodeProgress>>>([.. asked.Select(Lagging)]);

    private ImmutableArray<NodeProgress> Lagging(TenantAt asked) => hub.Lagging(asked.Tenant, asked.Revision, asked.Cluster) is { } lagging
        ? [.. lagging.Select(node => new NodeProgress(node.Node, true, node.AppliedRevision, node.Error, node.AppliedClusterRevision))]
        : default;
}

/// <summary>When this silo started.</summary>
internal sealed record SiloStart(DateTimeOffset At);
