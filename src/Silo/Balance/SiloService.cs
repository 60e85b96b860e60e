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
}

/// <summary>When this silo started.</summary>
internal sealed record SiloStart(DateTimeOffset At);
