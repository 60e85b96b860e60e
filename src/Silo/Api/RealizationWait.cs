using System.Collections.Immutable;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
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
    private readonly Dictionary<string, (long Own, long Cluster)> _tenants;
    private readonly List<Policy> _policies;
    private readonly PolicyStatuses _statuses;

    // Of the cluster's own objects: what is waited for at the nodes that policies are about; 0: nothing (more).
    private long _hosts;

    private RealizationWait(IGrainFactory grains, Dictionary<string, (long Own, long Cluster)> tenants, List<Policy> policies, PolicyStatuses statuses)
    {
        _grains = grains;
        _tenants = tenants;
        _policies = policies;
        _statuses = statuses;
    }

    public static async Task<RealizationWait> OfAsync(
        WaitRealizedRequest request, IGrainFactory grains, PolicyStatuses statuses, Rights rights, CancellationToken cancellationToken)
    {
        var names = request.Names.Count == 0 && request.Revisions.Count == 0
            ? await grains.TenantsAsync(rights)
            : request.Names.Concat(request.Revisions.Keys.Where(k => k.Length > 0)).Distinct().ToImmutableArray();
        Dictionary<string, (long Own, long Cluster)> tenants = [];
        List<Policy> policies = [];
        foreach (var text in names)
        {
            if (!ObjectName.TryParse(text, out var name) || name.Type is not (ObjectType.Tenant or ObjectType.Policy))
            {
                throw ApiError.Invalid("names", "INVALID_NAME", $"'{text}' is neither a tenant's nor a policy's name");
            }

            if (name.Type == ObjectType.Policy)
            {
                var document = await grains.Scope(name.Scope).Get(ObjectKind.Policy, name.Id) ?? throw ApiError.NotFound(text);
                policies.Add(ObjectKinds.ToMessage(ObjectKinds.Policy, name.Scope, document));
            }
            else
            {
                // One that an Apply has deleted is waited for by its revision: its nodes must let go of it.
                if (!request.Revisions.ContainsKey(text) && await grains.Scope(name.Scope).Get(ObjectKind.Tenant, name.Id) is null)
                {
                    throw ApiError.NotFound(text);
                }

                var current = await grains.GetGrain<ITenantGrain>(name.Id).Status();
                // Selectors over tenants follow the directory: with it, the tenant's labels have reached the nodes of others.
                tenants[name.Id] = (request.Revisions.TryGetValue(text, out var wanted) ? wanted : current.Revision, current.DirectoryRevision);
            }
        }

        // The cluster's own objects reach nodes through the tenants whose endpoints are there, and those that policies are about by themselves.
        if (request.Revisions.TryGetValue("", out var cluster))
        {
            foreach (var scope in await grains.AllTenantsAsync())
            {
                var tenant = ObjectScopes.TenantOf(scope);
                var known = tenants.GetValueOrDefault(tenant);
                tenants[tenant] = (known.Own, Math.Max(known.Cluster, cluster));
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return new RealizationWait(grains, tenants, policies, statuses) { _hosts = cluster };
    }

    public async Task<WaitRealizedResponse> RunAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            var (lagging, waitFor) = await LookAsync(cancellationToken);
            if (lagging.Count == 0 && _policies.TrueForAll(IsRealized))
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
        (string, long)? waitFor = null;
        await Parallel.ForEachAsync(
            _tenants.ToList(),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (tenant, _) =>
            {
                var status = await _grains.GetGrain<ITenantGrain>(tenant.Key).Status();
                var found = Realization.Lagging(status.Nodes, tenant.Value.Own, tenant.Value.Cluster);
                lock (lagging)
                {
                    lagging.AddRange(found);
                    if (found.Count > 0)
                    {
                        waitFor = (tenant.Key, status.Version);
                    }
                    else
                    {
                        // A revision that is realized stays so for this wait: nodes that come later are another matter.
                        _tenants.Remove(tenant.Key);
                    }
                }
            });
        if (_hosts > 0)
        {
            var found = await new HostProgress(_grains).LaggingAsync(_hosts, cancellationToken);
            lagging.AddRange(found);
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

        return (lagging, waitFor);
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
}
