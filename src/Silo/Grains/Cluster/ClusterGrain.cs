using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Storage;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Silo.Grains.Objects;
using Vallum.Silo.Storage.Log;

namespace Vallum.Silo.Grains.Cluster;

/// <inheritdoc cref="IClusterGrain"/>
[GrainType("cluster"), Reentrant]
internal sealed partial class ClusterGrain(
    [FromKeyedServices(GrainStorageName.Objects)] IGrainStorage storage,
    IOptions<ScopeLimits> limits,
    ClusterUnrest unrest,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ClusterGrain> logger) : Grain, IClusterGrain, IScopeOwner, IDisposable
{
    /// <summary>A tenant expected for longer than this is asked; a commit takes milliseconds.</summary>
    private static readonly TimeSpan AskAfter = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _ending = new();
    private readonly Dictionary<string, long> _told = [];
    private ObjectScope _scope = null!;
    private bool _asked;

    public string? Tenant => null;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var log = await ObjectLog.OpenAsync(storage, this.GetGrainId(), time, limits.Value.ToLogOptions());
        _scope = ObjectScope.Over(log, this, limits.Value, time);
        this.RegisterGrainTimer(AskExpectedAsync, new GrainTimerCreationOptions(TimeSpan.Zero, AskAfter) { Interleave = true, KeepAlive = true });
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
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
        using var waiting = LongPoll.Waiting(cancellationToken, _ending.Token, unrest.Next, lifetime.ApplicationStopping);
        return await _scope.Feed(request, waiting.Token);
    }

    public Task BeginTenant(string tenant) =>
        _scope.Change(TenantDirectory.Actor, (state, stamp) => [TenantDirectory.Begin(state, tenant, stamp)]);

    public Task<long> CompleteTenant(string tenant, long revision, ObjectDocument? document) => CompleteAsync(tenant, revision, document, null);

    ValueTask<IScopeRules> IScopeOwner.RulesForAsync(ParsedBatch batch) => new(ClusterRules.Instance);

    ValueTask<Fault?> IScopeOwner.ForeseeAsync(PreparedBatch batch) => default;

    ValueTask<Fault?> IScopeOwner.PrepareAsync(PreparedBatch batch) => default;

    void IScopeOwner.Committed(CommittedBatch batch) => LogCommitted(batch.Revision, batch.Edits.Count);

    ValueTask IScopeOwner.TellAsync(CommittedBatch batch) => default;

    ValueTask IScopeOwner.SettleAsync(CommittedBatch batch) => default;

    void IScopeOwner.Fail(Exception exception)
    {
        LogStorageFailed(exception);
        _ending.Cancel();
        DeactivateOnIdle();
    }

    private async Task<long> CompleteAsync(string tenant, long revision, ObjectDocument? document, long? expected)
    {
        var reply = await _scope.Change(TenantDirectory.Actor, (state, stamp) =>
            [.. TenantDirectory.Complete(state, tenant, revision, document, _told.GetValueOrDefault(tenant), expected, stamp)]);
        _told[tenant] = Math.Max(revision, _told.GetValueOrDefault(tenant));
        return reply.Revision;
    }

    private async Task AskExpectedAsync(CancellationToken cancellationToken)
    {
        // In the first round everybody: whoever is expected then was expected by an activation that is no more.
        var before = _asked ? time.GetUtcNow() - AskAfter : DateTimeOffset.MaxValue;
        _asked = true;
        foreach (var expected in _scope.Objects.All(ObjectKind.TenantPending).Select(one => one.Document).Where(one => one.UpdateTime < before).ToList())
        {
            try
            {
                var tenant = GrainFactory.GetGrain<ITenantGrain>(expected.Name);
                // An empty batch is answered in its turn: after it, what the tenant was about to commit is committed or refused.
                var turn = await tenant.Apply(ApplyBatches.Empty(TenantDirectory.Actor));
                await CompleteAsync(expected.Name, turn.Revision, await tenant.Get(ObjectKind.Tenant, expected.Name), expected.Revision);
            }
            catch (Exception exception)
            {
                LogNoAnswer(exception, expected.Name);
            }
        }
    }

    [LoggerMessage(EventId = 1110, Level = LogLevel.Debug, Message = "The cluster's own objects are at revision {Revision}: {Changes} objects changed.")]
    private partial void LogCommitted(long revision, int changes);

    [LoggerMessage(EventId = 1111, Level = LogLevel.Error, Message = "The cluster's own objects could not be written; they are read again from storage.")]
    private partial void LogStorageFailed(Exception exception);

    [LoggerMessage(EventId = 1112, Level = LogLevel.Warning, Message = "The directory expects tenant {Tenant} to say what it committed; asked, it did not answer. It is asked again.")]
    private partial void LogNoAnswer(Exception exception, string tenant);
}
