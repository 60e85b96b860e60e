using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.Placement;
using Orleans.Storage;
using Vallum.Cluster;
using Vallum.Cluster.Compiled;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Status;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Silo.Balance;
using Vallum.Silo.Diagnostics;
using Vallum.Silo.Distribution;
using Vallum.Silo.Grains.Cluster;
using Vallum.Silo.Grains.Objects;
using Vallum.Silo.Storage.Log;

namespace Vallum.Silo.Grains.Tenants;

/// <inheritdoc cref="ITenantGrain"/>
[GrainType("tenant"), RandomPlacement, Reentrant]
internal sealed partial class TenantGrain(
    [FromKeyedServices(GrainStorageName.Objects)] IGrainStorage storage,
    IClusterView cluster,
    IOperatorPolicies operatorPolicies,
    IOptions<ScopeLimits> limits,
    ClusterUnrest unrest,
    IHostApplicationLifetime lifetime,
    SiloMetrics metrics,
    TenantCensus census,
    TimeProvider time,
    ILogger<TenantGrain> logger) : Grain, ITenantGrain, IScopeOwner, IDisposable
{
    private static readonly TimeSpan StaysAtMost = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ending = new();
    private ObjectScope _scope = null!;
    private TenantOwner _owner = null!;
    private TenantResources _resources = null!;
    private Task _following = Task.CompletedTask;

    public string Tenant => this.GetPrimaryKeyString();

    private TenantName Name => new(Tenant);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var log = await ObjectLog.OpenAsync(storage, this.GetGrainId(), time, limits.Value.ToLogOptions());
        _scope = ObjectScope.Over(log, this, limits.Value, time);
        _owner = new TenantOwner(Name, GrainFactory, cluster, logger);
        _owner.Begin(_scope.Objects);
        _resources = new TenantResources(Name, _scope.Epoch, _scope.Objects, _scope.Revision);
        if (operatorPolicies.Current is { Revision: > 0 } known)
        {
            _resources.Follow(known, time.GetUtcNow());
            Reached();
        }

        _following = FollowOperatorAsync();
        census.Came(Tenant, this);
        var (rows, took) = (log.Counters.Reads, time.GetElapsedTime(start));
        LogActivated(Tenant, _scope.Revision, _scope.Epoch, rows, took);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        census.Went(Tenant, this);
        await _ending.CancelAsync();
        await _following;
        if (_scope is not null)
        {
            await _scope.CloseAsync();
        }
    }

    public void Dispose() => _ending.Dispose();

    public Task<ApplyReply> Apply(ApplyBatch batch) => _scope.Apply(batch);

    public Task<ObjectDocument?> Get(ObjectKind kind, string name) => Task.FromResult(_scope.Get(kind, name));

    public Task<ObjectPage> List(ListObjects request) => Task.FromResult(_scope.List(request));

    public Task<HistoryReply> History(HistoryRequest request) => _scope.History(request);

    public async Task<FeedReply> Feed(FeedRequest request, CancellationToken cancellationToken = default)
    {
        using var waiting = Waiting(cancellationToken);
        return await _scope.Feed(request, waiting.Token);
    }

    public async Task<PullReply> Pull(PullRequest request, CancellationToken cancellationToken = default)
    {
        using var waiting = Waiting(cancellationToken);
        var until = time.GetUtcNow() + LongPoll.Grant(request.Wait);
        while (!_resources.IsReady)
        {
            // Without the operator's policies what would be published allows what they deny.
            if (!await ChangeSignal.WaitAsync(_resources.Published.Next, until - time.GetUtcNow(), time, waiting.Token))
            {
                throw new TimeoutException("The operator's policies are not known on this silo yet.");
            }
        }

        if (_resources.Learn(request, time.GetUtcNow()) is not { } interest)
        {
            return _resources.TellWants();
        }

        var next = _resources.Published.Next;
        Reached();
        if (_resources.Answer(request, interest) is { } reply)
        {
            return reply;
        }

        // The cluster's own objects concern every tenant's nodes: that nothing of the tenant changes with them is an answer too.
        if (request.ClusterRevision >= _resources.ClusterRevision)
        {
            var clusterChanged = cluster.Reaches(Math.Max(request.ClusterRevision, cluster.Current.Revision), waiting.Token);
            await ChangeSignal.WaitAsync(Task.WhenAny(next, clusterChanged), until - time.GetUtcNow(), time, waiting.Token);
            await waiting.CancelAsync();
        }

        Reached();
        interest.LastSeen = time.GetUtcNow();
        return _resources.Answer(request, interest) ?? _resources.Idle();
    }

    public Task Report(ProgressReport report)
    {
        _resources.Report(report, time.GetUtcNow());
        return Task.CompletedTask;
    }

    public async Task Move(SiloAddress to)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, to);
        this.MigrateOnIdle();
        // An activation goes when nothing runs in it any more: what is parked would hold it, and all who call it, for as long as they wait.
        await _ending.CancelAsync();
        // The other silo may be gone by now, and this activation then stays, with its waits ended.
        this.RegisterGrainTimer(() =>
        {
            DeactivateOnIdle();
            return Task.CompletedTask;
        }, new GrainTimerCreationOptions(StaysAtMost, Timeout.InfiniteTimeSpan));
    }

    public Task<TenantStatus> Status()
    {
        Reached();
        return Task.FromResult(_resources.Status(_scope.Objects, _owner.DirectoryRevision, time.GetUtcNow()));
    }

    public async Task AwaitProgress(long version, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        using var waiting = Waiting(cancellationToken);
        var next = _resources.Progressed.Next;
        if (_resources.ProgressVersion == version)
        {
            await ChangeSignal.WaitAsync(next, LongPoll.Grant(wait), time, waiting.Token);
        }
    }

    public Task<ImmutableArray<PolicyProgress?>> PolicyStatus(ImmutableArray<string> policies) =>
        Task.FromResult<ImmutableArray<PolicyProgress?>>([.. policies.Select(ProgressOf)]);

    public Task<string?> OwnerOf(string address) =>
        Task.FromResult(Address.TryParse(address, out var known) ? _scope.Objects.EndpointAt(known) ?? _owner.ClaimingAt(known) : null);

    ValueTask<IScopeRules> IScopeOwner.RulesForAsync(ParsedBatch batch) => _owner.RulesForAsync(batch);

    ValueTask<Fault?> IScopeOwner.ForeseeAsync(PreparedBatch batch) => _owner.ForeseeAsync(batch);

    ValueTask<Fault?> IScopeOwner.PrepareAsync(PreparedBatch batch) => _owner.PrepareAsync(batch);

    void IScopeOwner.Committed(CommittedBatch batch)
    {
        var now = time.GetUtcNow();
        _resources.Commit(batch, now);
        metrics.Committed(batch.Edits.Count, time.GetUtcNow() - now);
        LogCommitted(Tenant, batch.Revision, batch.Edits.Count);
    }

    ValueTask IScopeOwner.TellAsync(CommittedBatch batch) => _owner.TellAsync(batch, _scope.Objects, _scope.Revision);

    ValueTask IScopeOwner.SettleAsync(CommittedBatch batch) => _owner.SettleAsync(batch, _scope.Objects);

    void IScopeOwner.Fail(Exception exception)
    {
        LogStorageFailed(exception, Tenant);
        End();
    }

    private PolicyProgress? ProgressOf(string policy)
    {
        var now = time.GetUtcNow();
        return policy.Split('/') switch
        {
            ["policies", var name] when _resources.KnowsOperatorPolicy(new PolicyId(null, name)) => _resources.StatusOf(new PolicyId(null, name), now),
            ["tenants", var tenant, "policies", var name] when tenant == Tenant => OwnProgressOf(name),
            [var name] => OwnProgressOf(name),
            _ => null,
        };

        PolicyProgress? OwnProgressOf(string name) =>
            _scope.Get(ObjectKind.Policy, name) is null ? null : _resources.StatusOf(new PolicyId(Name, name), now);
    }

    private void Reached() => _resources.Reached(cluster.Current, operatorPolicies.Current.Revision);

    /// <summary>Takes in the operator's policies whenever they change, as long as the activation lives.</summary>
    private async Task FollowOperatorAsync()
    {
        try
        {
            while (true)
            {
                var next = await operatorPolicies.Next(_resources.OperatorRevision, _ending.Token);
                _resources.Follow(next, time.GetUtcNow());
                Reached();
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The activation ends.
        }
        catch (Exception exception)
        {
            LogCompilationFailed(exception, Tenant);
            End();
        }
    }

    /// <summary>Waits end with their caller, with the activation, and with the silo.</summary>
    private CancellationTokenSource Waiting(CancellationToken caller) =>
        LongPoll.Waiting(caller, _ending.Token, unrest.Next, lifetime.ApplicationStopping);

    private void End()
    {
        _ending.Cancel();
        DeactivateOnIdle();
    }

    [LoggerMessage(EventId = 1210, Level = LogLevel.Debug, Message = "Tenant {Tenant} is active at revision {Revision}, epoch {Epoch}; {Rows} rows were read, and all took {Took}.")]
    private partial void LogActivated(string tenant, long revision, long epoch, long rows, TimeSpan took);

    [LoggerMessage(EventId = 1211, Level = LogLevel.Information, Message = "Tenant {Tenant} committed revision {Revision}: {Changes} objects changed.")]
    private partial void LogCommitted(string tenant, long revision, int changes);

    [LoggerMessage(EventId = 1212, Level = LogLevel.Error, Message = "Tenant {Tenant} could not be written; it is read again from storage.")]
    private partial void LogStorageFailed(Exception exception, string tenant);

    [LoggerMessage(EventId = 1213, Level = LogLevel.Error, Message = "Tenant {Tenant} could not compile the operator's policies; it is read again from storage.")]
    private partial void LogCompilationFailed(Exception exception, string tenant);
}
