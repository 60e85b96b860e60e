using System.Collections.Immutable;
using Orleans.Runtime.Services;
using Vallum.Cluster;

namespace Vallum.Silo.Reports;

/// <summary>The traffic services of all silos.</summary>
internal sealed class TrafficSilos(IServiceProvider services, IClusterMembershipService members, ILocalSiloDetails local) : GrainServiceClient<ITrafficService>(services)
{
    public SiloAddress Own => local.SiloAddress;

    /// <summary>The silos that answer as far as is known, this one among them.</summary>
    public ImmutableArray<SiloAddress> Active =>
        [.. members.CurrentSnapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress).Union([Own]).Order()];

    public ITrafficService At(SiloAddress silo) => GetGrainService(silo);
}
