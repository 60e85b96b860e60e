using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Vallum.Cluster;
using Vallum.Cluster.Status;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Silo.Reports;

namespace Vallum.Silo.Api;

/// <summary>Puts beside a policy how far it is realized.</summary>
internal sealed class PolicyStatuses(IGrainFactory grains, TrafficReader traffic)
{
    private const int Concurrency = 32;

    private readonly HostProgress _hosts = new(grains);

    /// <summary>What their rules have counted, too. One question per silo, however many nodes and policies there are.</summary>
    /// <param name="rules">Rule by rule.</param>
    public async Task AddWithHitsAsync(IReadOnlyList<Policy> policies, bool rules, CancellationToken cancellationToken)
    {
        var hits = traffic.HitsAsync([.. policies.Select(p => p.Name)], rules);
        await AddAsync(policies, cancellationToken);
        var found = await hits;
        for (var i = 0; i < policies.Count; i++)
        {
            if (found[i] is { } counted)
            {
                policies[i].Status ??= new PolicyStatus();
                policies[i].Status.Hits = counted;
            }
        }
    }

    public async Task AddAsync(IReadOnlyCollection<Policy> policies, CancellationToken cancellationToken)
    {
        foreach (var scope in policies.GroupBy(p => ObjectScopes.Parse(p.Name, ObjectType.Policy).Scope))
        {
            if (scope.Key.Length == 0)
            {
                await AddToOperatorsAsync([.. scope.Where(p => !HostProgress.IsAboutNodes(p))], cancellationToken);
                await _hosts.AddAsync([.. scope.Where(HostProgress.IsAboutNodes)], cancellationToken);
                continue;
            }

            var own = scope.ToImmutableArray();
            var progress = await grains.GetGrain<ITenantGrain>(ObjectScopes.TenantOf(scope.Key)).PolicyStatus([.. own.Select(p => p.Name)]);
            for (var i = 0; i < own.Length; i++)
            {
                own[i].Status = progress[i] is { } found ? Realization.Of(found) : null;
            }
        }
    }

    /// <summary>An operator's policy may select endpoints of every tenant: its span is the union of theirs, and it is realized where all of them are.</summary>
    private async Task AddToOperatorsAsync(ImmutableArray<Policy> policies, CancellationToken cancellationToken)
    {
        if (policies.IsEmpty)
        {
            return;
        }

        var names = policies.Select(p => p.Name).ToImmutableArray();
        var tenants = await grains.AllTenantsAsync();
        var found = new ImmutableArray<PolicyProgress?>[tenants.Length];
        await Parallel.ForAsync(
            0,
            tenants.Length,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (i, _) => found[i] = await grains.GetGrain<ITenantGrain>(ObjectScopes.TenantOf(tenants[i])).PolicyStatus(names));
        for (var i = 0; i < policies.Length; i++)
        {
            var parts = found.Select(f => f[i]).OfType<PolicyProgress>().ToList();
            var revision = policies[i].Metadata.Revision;
            var status = Realization.Of(new PolicyProgress(revision, [.. parts.SelectMany(p => p.Span).GroupBy(n => n.Node).Select(Slowest)], null));

            // A tenant that has not heard of the policy as it is now cannot say where it has to be.
            if (status.Phase == PolicyStatus.Types.Phase.Realized && (parts.Count < tenants.Length || parts.Exists(p => p.Revision < revision)))
            {
                status.Phase = PolicyStatus.Types.Phase.Realizing;
            }

            if (status.Phase == PolicyStatus.Types.Phase.Realized && TimeOf(policies[i], parts) is { } duration)
            {
                status.RealizedIn = Duration.FromTimeSpan(duration);
            }

            policies[i].Status = status;
        }
    }

    /// <summary>From the policy's commit to the last kernel of all tenants; null when one of those that it concerns has started anew since.</summary>
    private static TimeSpan? TimeOf(Policy policy, List<PolicyProgress> parts)
    {
        var concerned = parts.Where(p => !p.Span.IsEmpty).ToList();
        if (policy.Metadata.UpdateTime is not { } committed || concerned.Exists(p => p.TimedAfter >= policy.Metadata.Revision))
        {
            return null;
        }

        // The tenants' silos have clocks of their own.
        var last = concerned.Select(p => p.RealizedAt).Max();
        return last is null ? (concerned.Count == 0 ? TimeSpan.Zero : null) : TimeSpan.FromTicks(Math.Max(0, (last.Value - committed.ToDateTimeOffset()).Ticks));
    }

    private static NodeProgress Slowest(IEnumerable<NodeProgress> ofOneNode) =>
        ofOneNode.OrderBy(n => n.Connected).ThenBy(n => n.Applied).First();
}
