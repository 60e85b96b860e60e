using System.Collections.Immutable;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Manifests.Assembly;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Silo.Distribution;
using Vallum.Silo.Grains.Objects;
using Endpoint = Vallum.Policies.Model.Endpoint;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>
/// What a tenant's commit needs of others, and tells them. Before the row is written: the nodes know that the tenant may be on them, the addresses are claimed,
/// the directory expects the tenant. After it: the directory knows the tenant, addresses that are free again are given back. A crash in between leaves a
/// superset everywhere, which the next to look corrects.
/// </summary>
internal sealed partial class TenantOwner(TenantName tenant, IGrainFactory grains, IClusterView cluster, ILogger logger)
{
    private static readonly TimeSpan CatchUpWithin = TimeSpan.FromSeconds(1);

    private readonly AddressClaims _claims = new(grains, tenant);
    private readonly Dictionary<Address, string> _claiming = [];
    private readonly HashSet<string> _nodes = [];
    private readonly ScopeKey _self = new(ObjectKind.Tenant, tenant.Value);

    /// <summary>The cluster's revision in which the tenant's labels are as this activation committed them last; 0: it has not, or the directory has not answered.</summary>
    public long DirectoryRevision { get; private set; }

    /// <summary>Nodes of committed endpoints know the tenant already.</summary>
    public void Begin(ObjectTable objects) =>
        _nodes.UnionWith(objects.All(ObjectKind.Endpoint).Select(one => NodeOf(one)).OfType<string>());

    /// <summary>The rules, with the network sets that the batch names looked up: this silo's view may be a moment behind a set that was just made.</summary>
    public async ValueTask<IScopeRules> RulesForAsync(ParsedBatch batch)
    {
        if (cluster.Current.Revision < batch.Batch.ClusterRevision)
        {
            await CatchUpAsync(batch.Batch.ClusterRevision);
        }

        var assumed = batch.Batch.AssumedNetworkSets.IsDefault ? [] : batch.Batch.AssumedNetworkSets;
        HashSet<NetworkSetName> found = [.. assumed.Select(name => new NetworkSetName(name))];
        foreach (var name in batch.Contents.Select(content => content?.Value).OfType<Policy>().SelectMany(ReferenceCheck.NetworkSetsOf).Distinct())
        {
            if (cluster.Current.NetworkSets.ContainsKey(name)
                || await grains.GetGrain<IClusterGrain>(IClusterGrain.Key).Get(ObjectKind.NetworkSet, name.Value) is not null)
            {
                found.Add(name);
            }
        }

        return new TenantRules(tenant, found.Contains);
    }

    public async ValueTask<Fault?> ForeseeAsync(PreparedBatch batch)
    {
        var puts = batch.Draft.Edits.Where(edit => edit.After is not null).ToList();
        var owners = await _claims.FindOwnersAsync([.. Claimed(puts, batch.Draft.Below)]);
        return owners.IsEmpty ? null : InUse(puts, owners, batch.ChangeOf);
    }

    public async ValueTask<Fault?> PrepareAsync(PreparedBatch batch)
    {
        var puts = batch.Draft.Edits.Where(edit => edit.After is not null).ToList();
        await EnsureNodesAsync(puts);
        if (await ClaimAsync(batch, puts) is { } fault)
        {
            return fault;
        }

        if (batch.Draft.Edits.Any(edit => edit.Key == _self))
        {
            try
            {
                await grains.GetGrain<IClusterGrain>(IClusterGrain.Key).BeginTenant(tenant.Value);
            }
            catch
            {
                await ReleaseAsync(Claimed(puts, batch.Draft.Below));
                throw;
            }
        }

        return null;
    }

    public async ValueTask TellAsync(CommittedBatch batch, ObjectTable objects, long revision)
    {
        foreach (var address in batch.Edits.SelectMany(edit => edit.After.Owned()))
        {
            _claiming.Remove(address);
        }

        if (!batch.Edits.Any(edit => edit.Key == _self))
        {
            return;
        }

        DirectoryRevision = 0;
        try
        {
            // As it is now, which may be what a later batch of the same write made of it: the directory expects the tenant until it has heard the last.
            DirectoryRevision = await grains.GetGrain<IClusterGrain>(IClusterGrain.Key)
                .CompleteTenant(tenant.Value, revision, objects.Find(_self)?.Document);
        }
        catch (Exception exception)
        {
            // The commit stands. The directory expects the tenant and asks for it.
            LogDirectoryUntold(exception, tenant, revision);
        }
    }

    public async ValueTask SettleAsync(CommittedBatch batch, ObjectTable objects)
    {
        var free = batch.Edits.SelectMany(edit => edit.Before.Owned()).Where(address => objects.EndpointAt(address) is null).ToList();
        if (free.Count > 0)
        {
            await ReleaseAsync(free);
        }
    }

    /// <summary>The endpoint of a batch that is being committed just now, and that has claimed the address or is about to.</summary>
    public string? ClaimingAt(Address address) => _claiming.GetValueOrDefault(address);

    /// <summary>This silo's view is milliseconds behind the commit that the caller has seen; a view that is cut off must not hold up the tenant.</summary>
    private async Task CatchUpAsync(long clusterRevision)
    {
        using var patience = new CancellationTokenSource(CatchUpWithin);
        await ((Task)cluster.Next(clusterRevision - 1, patience.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task EnsureNodesAsync(List<ScopeEdit> puts)
    {
        var nodes = puts.Select(edit => NodeOf(edit.After!)).OfType<string>().Where(node => !_nodes.Contains(node)).Distinct().ToList();
        await Task.WhenAll(nodes.Select(node => grains.GetGrain<INodeGrain>(node).EnsureTenant(tenant.Value)));
        _nodes.UnionWith(nodes);
    }

    private async Task<Fault?> ClaimAsync(PreparedBatch batch, List<ScopeEdit> puts)
    {
        var claims = Claimed(puts, batch.Draft.Below).ToList();
        if (claims.Count == 0)
        {
            return null;
        }

        foreach (var address in claims)
        {
            _claiming[address] = batch.Draft.EndpointAt(address)!;
        }

        try
        {
            var owners = await _claims.ClaimAsync(claims);
            if (owners.IsEmpty)
            {
                return null;
            }

            await ReleaseAsync(claims);
            return InUse(puts, owners, batch.ChangeOf);
        }
        catch
        {
            await ReleaseAsync(claims);
            throw;
        }
    }

    private static Fault InUse(List<ScopeEdit> puts, ImmutableDictionary<Address, EndpointId> owners, Func<ScopeKey, int> changeOf) =>
        Finding.Summary([.. puts.SelectMany(edit => InUse(edit, owners, changeOf(edit.Key)))]);

    private static IEnumerable<Finding> InUse(ScopeEdit edit, ImmutableDictionary<Address, EndpointId> owners, int change)
    {
        var addresses = edit.After.Owned().ToList();
        return addresses.Index().Where(one => owners.ContainsKey(one.Item))
            .Select(one => ReferenceCheck.AddressInUse(one.Index, one.Item, owners[one.Item]))
            .Select(violation => Finding.Of(FaultKind.Invalid, change, violation.Field, violation.Reason, violation.Description));
    }

    /// <summary>The addresses that the tenant does not have yet.</summary>
    private static IEnumerable<Address> Claimed(List<ScopeEdit> puts, IObjectView below) =>
        puts.SelectMany(edit => edit.After.Owned()).Where(address => below.EndpointAt(address) is null).Distinct();

    private async Task ReleaseAsync(IEnumerable<Address> addresses)
    {
        var released = addresses.ToList();
        try
        {
            await _claims.ReleaseAsync(released);
        }
        catch (Exception exception)
        {
            // A claim that stays is found stale by whoever wants the address next.
            LogClaimsStay(exception, tenant, released.Count);
        }

        released.ForEach(address => _claiming.Remove(address));
    }

    private static string? NodeOf(ScopeObject one) => one.Value is Endpoint { HostNetwork: false, Node: { } node } ? node.Value : null;

    [LoggerMessage(EventId = 1201, Level = LogLevel.Warning, Message = "Tenant {Tenant} committed revision {Revision}, but could not tell the directory; the directory will ask.")]
    private partial void LogDirectoryUntold(Exception exception, TenantName tenant, long revision);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Warning, Message = "Tenant {Tenant} could not give back {Count} addresses; whoever wants one next takes it.")]
    private partial void LogClaimsStay(Exception exception, TenantName tenant, int count);
}
