using System.Collections.Immutable;
using Orleans.Runtime.Services;
using Vallum.Cluster;
using Vallum.Cluster.Status;

namespace Vallum.Silo.Balance;

/// <summary>Asks all silos what they are and have to do.</summary>
internal sealed class SiloLoads(IServiceProvider services, IClusterMembershipService members, ILocalSiloDetails local, TimeProvider time)
    : GrainServiceClient<ISiloService>(services)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    public SiloAddress Own => local.SiloAddress;

    /// <summary>Another one whenever a silo has come or gone.</summary>
    public MembershipVersion Version => members.CurrentSnapshot.Version;

    /// <returns>Of each active silo, by address; null for one that does not answer in time.</returns>
    public async Task<ImmutableSortedDictionary<SiloAddress, SiloLoad?>> AskAsync(CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(Active().Select(async silo => KeyValuePair.Create(silo, await AskAsync(silo, cancellationToken))).ToList());
        return answers.ToImmutableSortedDictionary();
    }

    /// <summary>Asks the silos themselves who lags, for what a tenant's owner has not been told yet.</summary>
    /// <returns>In the order of <paramref name="tenants"/>; default: a silo does not answer, or does not know the cluster's revision yet.</returns>
    public async Task<ImmutableArray<ImmutableArray<NodeProgress>>> LaggingAsync(ImmutableArray<TenantAt> tenants, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(Active().Select(silo => LaggingAsync(silo, tenants, cancellationToken)).ToList());
        return
        [
            .. tenants.Select((_, i) => answers.Any(answer => answer.IsDefault || answer[i].IsDefault)
                ? default
                : answers.SelectMany(answer => answer[i]).ToImmutableArray()),
        ];
    }

    /// <summary>The silos that are active but for this one, in an order.</summary>
    public ImmutableArray<SiloAddress> Others => [.. Active().Where(silo => !silo.Equals(Own)).Order()];

    private IEnumerable<SiloAddress> Active() =>
        members.CurrentSnapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress).Union([Own]);

    private async Task<ImmutableArray<ImmutableArray<NodeProgress>>> LaggingAsync(
        SiloAddress silo, ImmutableArray<TenantAt> tenants, CancellationToken cancellationToken)
    {
        try
        {
            return await GetGrainService(silo).Lagging(tenants).WaitAsync(Deadline, time, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // What its nodes have is not known: nobody may be told that it is in force.
            return default;
        }
    }

    private async Task<SiloLoad?> AskAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        try
        {
            return await GetGrainService(silo).Load().WaitAsync(Deadline, time, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // It is about to go, or hangs: the members' table will say so.
            return null;
        }
    }
}
