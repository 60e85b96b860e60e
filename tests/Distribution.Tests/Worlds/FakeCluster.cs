using System.Collections.Concurrent;
using System.Collections.Immutable;
using Vallum.Cluster;
using Vallum.Cluster.Compiled;
using Vallum.Cluster.Status;
using Vallum.Policies.Model;
using Vallum.Silo.Distribution;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>All owners and the cluster's view without grains. Tenants may be slower than the cluster to see an operator's change.</summary>
internal sealed class FakeCluster : ICompiledSource, INodeOwner, IClusterView
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FakeTenant> _tenants = [];
    private readonly Dictionary<string, NodeTenants> _nodes = [];
    private readonly Dictionary<string, string> _sessions = [];
    private TaskCompletionSource _viewChanged = New();
    private TaskCompletionSource _nodesChanged = New();
    private long _clusterRevision = 1;

    public ClusterState State { get; private set; } = ClusterState.Empty;

    public ClusterSnapshot Current { get; private set; } = ClusterSnapshot.Empty with { Revision = 1 };

    /// <summary>Tenants whose owner does not answer.</summary>
    public HashSet<string> Unreachable { get; } = [];

    /// <summary>The last report of each tenant, and what is done with each.</summary>
    public Dictionary<string, ProgressReport> Reports { get; } = [];

    public Action<string, ProgressReport>? Reported { get; set; }

    /// <summary>What each node's session said of it last.</summary>
    public ConcurrentDictionary<string, AgentStatus> Statuses { get; } = [];

    /// <summary>False: no agent may attach.</summary>
    public bool Attaches { get; set; } = true;

    public int Pulls { get; private set; }

    /// <summary>A look at a tenant while nothing moves.</summary>
    public T With<T>(string tenant, Func<FakeTenant, T> look)
    {
        lock (_gate)
        {
            return look(Get(tenant));
        }
    }

    public FakeTenant Tenant(string name)
    {
        lock (_gate)
        {
            return Get(name);
        }
    }

    /// <summary>One commit. Tenants see their own objects at once, and the operator's policies with <see cref="Catch"/> unless <paramref name="all"/>.</summary>
    public void Apply(IEnumerable<ClusterChange> changes, bool all = true)
    {
        lock (_gate)
        {
            var before = State;
            State = changes.Aggregate(State, (state, change) => change.Apply(state));
            if (ViewOf(before) != ViewOf(State))
            {
                _clusterRevision++;
            }

            Show();
            foreach (var tenant in TenantInputs.TenantsOf(before).Union(TenantInputs.TenantsOf(State)).Select(t => t.Value).Union(_tenants.Keys).ToArray())
            {
                Ensure(tenant);
                var isOwn = TenantInputs.Difference(Owned(before), Owned(State), new TenantName(tenant)).Any();
                if (all || isOwn)
                {
                    Move(tenant, all, isOwn);
                }
            }
        }
    }

    /// <summary>The tenant sees what the operator has done.</summary>
    public void Catch(string tenant)
    {
        lock (_gate)
        {
            Move(tenant, true, false);
        }
    }

    public void CatchAll()
    {
        lock (_gate)
        {
            foreach (var tenant in _tenants.Keys.ToArray())
            {
                Move(tenant, true, false);
            }
        }
    }

    public void Reactivate(string tenant)
    {
        lock (_gate)
        {
            Get(tenant).Reactivate();
        }
    }

    public async Task<PullReply> Pull(string tenant, PullRequest request, CancellationToken cancellationToken)
    {
        using var overdue = new CancellationTokenSource(request.Wait);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                Pulls++;
                if (Unreachable.Contains(tenant))
                {
                    throw new TimeoutException($"{tenant} does not answer");
                }

                if (Get(tenant).Answer(request) is { } reply)
                {
                    return reply;
                }

                request = request with { Wants = null };
                changed = Get(tenant).Changed;
                if (overdue.IsCancellationRequested)
                {
                    return new PullReply(request.Epoch, request.Sequence, Get(tenant).Revision, Get(tenant).ClusterRevision, false, false, []);
                }
            }

            await Task.WhenAny(changed, Task.Delay(Timeout.Infinite, overdue.Token)).WaitAsync(cancellationToken);
        }
    }

    public Task Report(string tenant, ProgressReport report, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!Reports.TryGetValue(tenant, out var before) || before.Number < report.Number)
            {
                Reports[tenant] = report;
            }
        }

        Reported?.Invoke(tenant, report);
        return Task.CompletedTask;
    }

    public ProgressReport? ReportOf(string tenant)
    {
        lock (_gate)
        {
            return Reports.GetValueOrDefault(tenant);
        }
    }

    public async Task<NodeTenants> Tenants(string node, long version, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var overdue = new CancellationTokenSource(wait);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                var tenants = _nodes.GetValueOrDefault(node) ?? new NodeTenants(0, []);
                if (tenants.Version != version || overdue.IsCancellationRequested)
                {
                    return tenants;
                }

                changed = _nodesChanged.Task;
            }

            await Task.WhenAny(changed, Task.Delay(Timeout.Infinite, overdue.Token)).WaitAsync(cancellationToken);
        }
    }

    public Task<bool> Attach(string node, string session, string instance, AgentStatus status, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Attaches)
            {
                _sessions[node] = session;
            }

            return Task.FromResult(Attaches);
        }
    }

    public Task<bool> Report(string node, string session, AgentStatus status, CancellationToken cancellationToken)
    {
        Statuses[node] = status;
        lock (_gate)
        {
            return Task.FromResult(!_sessions.TryGetValue(node, out var serving) || serving == session);
        }
    }

    public Task Detach(string node, string session) => Task.CompletedTask;

    public async Task Reaches(long afterRevision, CancellationToken cancellationToken) =>
        await ((Task)Next(afterRevision, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public async Task<ClusterSnapshot> Next(long afterRevision, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (Current.Revision > afterRevision)
                {
                    return Current;
                }

                changed = _viewChanged.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Whether what the agent holds of the tenant is the share of one form that the tenant had.</summary>
    public bool Holds(TenantName tenant, Agents.AgentState state, string node)
    {
        lock (_gate)
        {
            var fake = Get(tenant.Value);
            return fake.Forms.Count == 0 || fake.Forms.Any(f => f.IsHeldBy(state, tenant, node)) || !state.Resources.ContainsKey((Contracts.Agent.V1.ResourceKind.Binding, tenant.Value));
        }
    }

    /// <summary>Whether a report claims more than the agent holds: a revision above all whose form the agent's share is. 0 claims nothing, and members only claim nothing of endpoints.</summary>
    public bool IsTrue(NodeProgressReport report, string tenant, Agents.AgentState state)
    {
        lock (_gate)
        {
            return report.AppliedRevision == 0 || report.MembersOnly || Get(tenant).Forms.Any(f => f.Revision >= report.AppliedRevision && f.IsHeldBy(state, new TenantName(tenant), report.Node));
        }
    }

    /// <summary>Every tenant that has endpoints on the node has been told that its current revision is there.</summary>
    public bool IsRealized(string node) => Lagging(node).Length == 0;

    public string ProgressText(string node) => string.Join(", ", Lagging(node));

    private string[] Lagging(string node)
    {
        lock (_gate)
        {
            return
            [
                .. State.Endpoints.Values.Where(e => e.Node?.Value == node && !e.HostNetwork && !e.Addresses.IsEmpty).Select(e => e.Id.Tenant.Value).Distinct()
                    .Where(t => !(Reports.TryGetValue(t, out var report) && report.Nodes.Any(n =>
                        n.Node == node && n.AppliedRevision == Get(t).Revision && n.AppliedClusterRevision == Get(t).ClusterRevision)))
                    .Select(t => $"{t}@{Get(t).Revision}/{Get(t).ClusterRevision} reported {(Reports.TryGetValue(t, out var r) ? string.Join(' ', r.Nodes) : "nothing")}"),
            ];
        }
    }

    private void Move(string tenant, bool withOperator, bool isOwn)
    {
        var fake = Get(tenant);
        var state = withOperator ? State : Owned(State) with { Policies = Owned(State).Policies.AddRange(fake.Seen.Policies.Where(p => p.Key.Tenant is null)) };
        fake.MoveTo(state, fake.Revision + (isOwn ? 1 : 0), withOperator ? _clusterRevision : fake.ClusterRevision);
    }

    // Told before the tenant commits: a superset that never shrinks.
    private void Ensure(string tenant)
    {
        var changed = false;
        foreach (var node in State.Endpoints.Values.Where(e => e.Id.Tenant.Value == tenant && e.Node is not null).Select(e => e.Node!.Value.Value).Distinct())
        {
            var before = _nodes.GetValueOrDefault(node) ?? new NodeTenants(0, []);
            if (!before.Tenants.Contains(tenant))
            {
                _nodes[node] = new NodeTenants(before.Version + 1, before.Tenants.Add(tenant));
                changed = true;
            }
        }

        if (changed)
        {
            var told = _nodesChanged;
            _nodesChanged = New();
            told.TrySetResult();
        }
    }

    private void Show()
    {
        Current = new ClusterSnapshot(
            _clusterRevision,
            TenantInputs.TenantsOf(State).ToImmutableDictionary(t => t, t => State.Tenant(t).Labels),
            State.Nodes.ToImmutableDictionary(),
            State.NetworkSets.ToImmutableDictionary(),
            State.Policies.Where(p => p.Key.Tenant is null).ToImmutableDictionary());
        var changed = _viewChanged;
        _viewChanged = New();
        changed.TrySetResult();
    }

    private FakeTenant Get(string tenant)
    {
        if (!_tenants.TryGetValue(tenant, out var fake))
        {
            _tenants[tenant] = fake = new FakeTenant(new TenantName(tenant));
        }

        return fake;
    }

    private static ClusterState Owned(ClusterState state) => state with { Policies = state.Policies.RemoveRange(state.Policies.Keys.Where(p => p.Tenant is null)) };

    private static string ViewOf(ClusterState state) => WorldText.Of(state with
    {
        Segments = ClusterState.Empty.Segments,
        Endpoints = ClusterState.Empty.Endpoints,
        Policies = state.Policies.RemoveRange(state.Policies.Keys.Where(p => p.Tenant is not null)),
    }) + string.Join(',', TenantInputs.TenantsOf(state));

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
