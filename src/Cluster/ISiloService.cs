using Orleans.Concurrency;
using Orleans.Services;
using Vallum.Cluster.Status;

namespace Vallum.Cluster;

/// <summary>One per silo, asked by every silo: what it is and what it has to do.</summary>
[Alias("vallum.ISiloService")]
public interface ISiloService : IGrainService
{
    [AlwaysInterleave, Alias("Load")]
    Task<SiloLoad> Load();
}
