using System.Collections.Immutable;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Status;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Silo.Balance;
using Vallum.Silo.Security.Access;

namespace Vallum.Silo.Api;

/// <summary>Waits until what is asked for is in the kernel of every node that it concerns.</summary>
internal sealed class RealizationWait
{
    /// <summary>Between two looks at what has nobody to wait for: the operator's policies, whose span is spread over all tenants.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);
    private const int MaxLagging = 20;
    private const int Concurrency = 32;

    private readonly IGrainFactory _grains;
    private readonly SiloLoads _silos;
    private readonly HostProgress _hostProgress;
    private readonly PolicyStatuses _statuses;

    // Of which something is still waited for.
    private readonly Dictionary<string, Wanted> _tenants = [];
    private readonly List<Policy> _policies = [];

    // Of the cluster's own objects: what is waited for at the nodes that policies are about; 0: nothing (more).
    private long _hosts;
    private HashSet<string>? _hostsLagging;

    // The nodes that this revision of the cluster's own objects, or a later one, has changed.
    private HashSet<string> _changedNodes = [];

    private RealizationWait(IGrainFactory grains, SiloLoads silos, PolicyStatuses statuses) =>
        (_grains, _silos, _hostProgress, _statuses) = (grains, silos, new HostProgress(grains), statuses);

    public static async Task<RealizationWait> OfAsync(
        WaitRealizedRequest request, IGrainFactory grains, SiloLoads silos, PolicyStatuses statuses, Rights rights, CancellationToken cancellationToken)
    {
        var wait = new RealizationWait(grains, silos, statuses);
        var names = request.Names.Count == 0 && request.Revisions.Count == 0
            ? await grains.TenantsAsync(rights)
            : request.Names.Concat(request.Revisions.Keys.Where(k => k.Length > 0)).Distinct().ToImmutableArray();
        foreach (var text in names)
        {
            if (!ObjectName.TryParse(text, out var name) || name.Type is not (ObjectType.Tenant or ObjectType.Policy))
            {
                throw ApiError.Invalid("names", "INVALID_NAME", $"'{text}' is neither a tenant's nor a policy's name");
            }

            if (name.Type == ObjectType.Policy)
            {
                var document = await grains.Scope(name.Scope).Get(ObjectKind.Policy, name.Id) ?? throw ApiError.NotFound(text);
                wait._policies.Add(ObjectKinds.ToMessage(ObjectKinds.Policy, name.Scope, document));
            }
            else
            {
                // One that an Apply has deleted is waited for by its revision: its nodes must let go of it.
                if (!request.Revisions.ContainsKey(text) && await grains.Scope(name.Scope).Get(ObjectKind.Tenant, name.Id) is null)
                {
                    throw ApiError.NotFound(text);
                }

                var revision = request.Revisions.TryGetValue(text, out var wanted) ? wanted : (await grains.GetGrain<ITenantGrain>(name.Id).Status()).Revision;
                wait._tenants[name.Id] = new Wanted(revision, 0);
            }
        }

        // The cluster's own objects reach nodes through the tenants whose endpoints are there, and those that policies are about by themselves.
        if (request.Revisions.TryGetValue("", out var cluster))
        {
            foreach (var scope in await grains.AllTenantsAsync())
            {
                var tenant = ObjectScopes.TenantOf(scope);
                wait._tenants[tenant] = wait._tenants.GetValueOrDefault(tenant) with { Cluster = cluster };
            }

            wait._hosts = cluster;
            wait._changedNodes = (await wait._hostProgress.NodesAsync(cancellationToken)).Where(n => n.Metadata.Revision >= cluster).Select(HostProgress.NameOf).ToHashSet();
        }

        cancellationToken.ThrowIfCancellationRequested();
        return wait;
    }

    public async Task<WaitRealizedResponse> RunAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            var (lagging, waitFor) = await LookAsync(cancellationToken);
            if (lagging.Count == 0 && _tenants.Count == 0 && _policies.TrueForAll(IsRealized))
            {
                return new WaitRealizedResponse { Realized = true };
            }

            var left = timeout - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return new WaitRealizedResponse { Lagging = { lagging.DistinctBy(n => n.Node).Take(MaxLagging) } };
            }

            if (waitFor is { } tenant)
            {
                await _grains.GetGrain<ITenantGrain>(tenant.Name).AwaitProgress(tenant.Version, left, cancellationToken);
            }
            else
            {
                await Task.Delay(pause < left ? pause : left, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>Nodes that lag, and one tenant that has some: when its status changes it is time to look again.</summary>
    private async Task<(List<NodeRealization> Lagging, (string Name, long Version)? WaitFor)> LookAsync(CancellationToken cancellationToken)
    {
        List<NodeRealization> lagging = [];
        List<TenantAt> settled = [];
        var asksAgain = false;
        (string, long)? waitFor = null;
        await Parallel.ForEachAsync(
            _tenants.ToList(),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (tenant, _) =>
            {
                var (name, wanted) = tenant;
                var status = await _grains.GetGrain<ITenantGrain>(name).Status();
                var directory = wanted.Own is null ? 0 : await DirectoryRevisionAsync(name, status);
                var found = Lagging(status, wanted, directory);
                lock (lagging)
                {
                    lagging.AddRange(found);
                    asksAgain |= directory == long.MaxValue || status.ClusterRevision < wanted.Cluster;
                    if (found.Count > 0)
                    {
                        waitFor = (name, status.Version);
                    }
                    else if (wanted.Own is { } own && directory < long.MaxValue)
                    {
                        settled.Add(new TenantAt(name, own, directory));
                    }
                    else if (wanted.Own is null && status.ClusterRevision >= wanted.Cluster)
                    {
                        // A revision that is realized stays so for this wait: nodes that come later are another matter.
                        _tenants.Remove(name);
                    }
                }
            });
        lagging.AddRange(await LaggingElsewhereAsync([.. settled], cancellationToken));
        if (_hosts > 0)
        {
            var found = await _hostProgress.LaggingAsync(_hosts, _hostsLagging, cancellationToken);
            lagging.AddRange(found);
            _hostsLagging = [.. found.Select(n => n.Node)];
            _hosts = found.Count > 0 ? _hosts : 0;
        }

        if (_policies.Count > 0)
        {
            var owner = _policies.Select(p => ObjectScopes.Parse(p.Name, ObjectType.Policy).Tenant).FirstOrDefault(t => t is not null);
            var version = owner is null ? 0 : (await _grains.GetGrain<ITenantGrain>(owner).Status()).Version;
            await _statuses.AddAsync(_policies, cancellationToken);
            await ForgetDeletedAsync();
            var found = _policies.SelectMany(p => p.Status?.Lagging ?? []).ToList();
            lagging.AddRange(found);
            waitFor ??= found.Count > 0 && owner is not null && _policies.TrueForAll(p => p.Name.StartsWith($"tenants/{owner}/", StringComparison.Ordinal)) ? (owner, version) : null;
        }

        // What no tenant tells is asked for again and again.
        return (lagging, asksAgain ? null : waitFor);
    }

    private List<NodeRealization> Lagging(TenantStatus status, Wanted wanted, long directory)
    {
        // A tenant that does not know the revision yet cannot say that it is not concerned.
        var cluster = status.ClusterConcern >= wanted.Cluster || status.ClusterRevision < wanted.Cluster ? wanted.Cluster : 0;
        var all = wanted.Own is not null || cluster > 0
            ? Realization.Lagging(status.Nodes, wanted.Own ?? 0, Math.Max(cluster, directory < long.MaxValue ? directory : 0))
            : [];
        return cluster > 0 ? all : [.. all, .. Realization.Lagging(status.Nodes.Where(n => _changedNodes.Contains(n.Node)), 0, wanted.Cluster)];
    }

    /// <summary>
    /// Selectors over tenants follow the directory: with this revision of it the tenant's labels are as they are. long.MaxValue: the directory has not heard of
    /// them.
    /// </summary>
    private async Task<long> DirectoryRevisionAsync(string tenant, TenantStatus status)
    {
        if (status.DirectoryRevision > 0)
        {
            return status.DirectoryRevision;
        }

        var cluster = _grains.GetGrain<IClusterGrain>(IClusterGrain.Key);
        return await cluster.Get(ObjectKind.TenantPending, tenant) is not null
            ? long.MaxValue
            : (await cluster.Get(ObjectKind.TenantEntry, tenant))?.Revision ?? 0;
    }

    /// <summary>
    /// A tenant whose own word is that all have it: a silo may have begun just now to put the tenant's members into groups of its nodes, of which the tenant has
    /// not heard. Those that pass are done.
    /// </summary>
    private async Task<List<NodeRealization>> LaggingElsewhereAsync(ImmutableArray<TenantAt> tenants, CancellationToken cancellationToken)
    {
        if (tenants.IsEmpty)
        {
            return [];
        }

        List<NodeRealization> lagging = [];
        foreach (var (tenant, found) in tenants.Zip(await _silos.LaggingAsync(tenants, cancellationToken)))
        {
            if (!found.IsDefault && found.IsEmpty)
            {
                _tenants.Remove(tenant.Tenant);
            }
            else if (!found.IsDefault)
            {
                lagging.AddRange(Realization.Lagging(found, long.MaxValue));
            }
        }

        return lagging;
    }

    private static bool IsRealized(Policy policy) => policy.Status is null or { Phase: PolicyStatus.Types.Phase.Realized };

    /// <summary>An operator's policy that is deleted meanwhile: no tenant will ever say that it knows it.</summary>
    private async Task ForgetDeletedAsync()
    {
        foreach (var policy in _policies.Where(p => !IsRealized(p)).ToList())
        {
            var name = ObjectScopes.Parse(policy.Name, ObjectType.Policy);
            if (await _grains.Scope(name.Scope).Get(ObjectKind.Policy, name.Id) is null)
            {
                _policies.Remove(policy);
            }
        }
    }

    /// <param name="Own">The tenant's revision; null: any.</param>
    /// <param name="Cluster">Of the cluster's own objects, where they concern the tenant; 0: any.</param>
    private readonly record struct Wanted(long? Own, long Cluster);
}
