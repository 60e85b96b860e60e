using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Vallum.Cluster.Compiled;
using Vallum.Silo.Distribution.Hub;
using Vallum.Silo.Distribution.Progress;
using Vallum.Silo.Distribution.Sessions;

namespace Vallum.Silo.Distribution;

/// <summary>
/// One per silo: asks each owner once for all nodes that this silo serves, and hands what it learns to their sessions. All decisions are
/// <see cref="HubState"/>'s, under one lock that is held briefly and never across a wait.
/// </summary>
internal sealed partial class ResourceHub : IHostedService, IDisposable
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(25);

    // Sessions look at least this often, whatever is or is not told.
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<TenantState, TenantFollower> _followers = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly HubState _state;
    private readonly ICompiledSource _source;
    private readonly IClusterView _view;
    private readonly DistributionOptions _options;
    private readonly SiloIdentity _silo;
    private readonly TimeProvider _time;
    private readonly ILogger<ResourceHub> _logger;
    private readonly AsyncSignal _progressed;
    private readonly AsyncSignal _finished;
    private readonly AsyncSignal _turnDue;
    private readonly ConcurrentQueue<Notice> _notices = [];
    private long _nextTurn = long.MaxValue;
    private Task _running = Task.CompletedTask;

    public ResourceHub(
        ICompiledSource source,
        IClusterView view,
        IOptions<DistributionOptions> options,
        SiloIdentity silo,
        TimeProvider time,
        ILogger<ResourceHub> logger)
    {
        (_source, _view, _options, _silo, _time, _logger) = (source, view, options.Value, silo, time, logger);
        _state = new HubState(time, _options.AgreeWithin);
        _progressed = new AsyncSignal(time);
        _finished = new AsyncSignal(time);
        _turnDue = new AsyncSignal(time);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(
            Task.Run(() => FollowViewAsync(_stopping.Token), CancellationToken.None),
            Task.Run(() => TickAsync(_stopping.Token), CancellationToken.None),
            Task.Run(() => TakeTurnsAsync(_stopping.Token), CancellationToken.None),
            Task.Run(() => ReportAsync(_stopping.Token), CancellationToken.None));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        Task[] followers;
        lock (_gate)
        {
            followers = [.. _followers.Values.Select(f => f.Running)];
        }

        await Task.WhenAll([_running, .. followers]).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    public ServedNode Serve(string node, AsyncSignal wake, HeldResources held) => With(s => s.Serve(node, wake, held));

    public void Release(ServedNode node) => With(s => s.Release(node));

    public void SetTenants(ServedNode node, IEnumerable<string> tenants) => With(s => s.SetTenants(node, tenants));

    public IReadOnlyList<string> MissingTenants(ServedNode node) => With(_ => HubState.MissingTenants(node));

    public IReadOnlyList<(ResourceId Id, Primitives.Digest Digest)> Wanted(ServedNode node) => With(s => s.Wanted(node));

    public void CompareAll(ServedNode node, IEnumerable<ResourceId> held) => With(s => s.CompareAll(node, held));

    public void Applied(ServedNode node) => With(s => s.Applied(node));

    public void Returned(ServedNode node, IEnumerable<ResourceId> step) => With(_ => node.Return(step));

    public void Failed(ServedNode node, string error) => With(s => s.Failed(node, error));

    public NodeView Look(ServedNode node, long? sendsFrom, bool owes) => With(s => s.Look(node, sendsFrom, owes));

    public void Recall(ServedNode node) => With(s => s.Recall(node));

    /// <summary>The session sends what it had its turn for, and sends no more before <see cref="Arrived"/> or a <see cref="Look"/>.</summary>
    public void Sent(ServedNode node) => Post(new Notice(node, null));

    /// <summary>The agent has all that was sent in its kernel, and may be sent more from <paramref name="sendsFrom"/> on.</summary>
    public void Arrived(ServedNode node, long sendsFrom) => Post(new Notice(node, sendsFrom));

    public PullRequest RequestFor(TenantState tenant) => With(_ => tenant.Request(_silo.Name, _options.PullWait));

    public void Receive(TenantState tenant, PullRequest request, PullReply reply) => With(s => s.Receive(tenant, request, reply));

    public (int Tenants, int Resources, int Waiting) Counts => With(s => (s.Tenants, s.Resources, s.Waiting));

    /// <summary>The tenants to report on: those that moved, and those that were not reported for <paramref name="keepAlive"/>.</summary>
    public IReadOnlyList<TenantState> TakeReportable(TimeSpan keepAlive) => With(s => s.TakeReportable(keepAlive));

    /// <summary>Of those that moved, the tenants of which nothing is on its way any more.</summary>
    public IReadOnlyList<TenantState> TakeFinished() => With(s => s.TakeFinished());

    /// <summary>Null: the owner knows of no node of this silo, and there is none.</summary>
    public ProgressReport? ReportOf(TenantState tenant, long number) => With(s => s.ReportOf(tenant, _silo.Name, number));

    /// <summary>The served nodes that lag behind the tenant's revision, or the cluster's; null: the cluster's revision is not known here yet.</summary>
    public IReadOnlyList<NodeProgressReport>? Lagging(string tenant, long revision, long cluster) => With(s => s.Lagging(tenant, revision, cluster));

    public void ReportAgain(TenantState tenant) => With(s => s.Progress.NoteAgain(tenant));

    private void With(Action<HubState> act) => With<object?>(s =>
    {
        act(s);
        return null;
    });

    private T With<T>(Func<HubState, T> act)
    {
        lock (_gate)
        {
            try
            {
                return act(_state);
            }
            finally
            {
                Settle();
            }
        }
    }

    /// <summary>Thousands of sessions tell of thousands of updates a second: none waits for the lock, who has it takes what all have told.</summary>
    private void Post(Notice notice)
    {
        _notices.Enqueue(notice);
        if (_gate.TryEnter())
        {
            try
            {
                Settle();
            }
            finally
            {
                _gate.Exit();
            }
        }
        else
        {
            // Who has the lock may have looked already.
            _turnDue.Set();
        }
    }

    private void Settle()
    {
        while (_notices.TryDequeue(out var notice))
        {
            _state.Take(notice.Node, notice.SendsFrom);
        }

        Follow();
        GiveTurns();
        if (_state.Progress.HasChanges)
        {
            _progressed.Set();
        }

        if (_state.Progress.HasFinished)
        {
            _finished.Set();
        }
    }

    private void GiveTurns()
    {
        _state.GiveTurns();
        if (_state.Turns.NextDue is { } due && due < _nextTurn)
        {
            _nextTurn = due;
            _turnDue.Set();
        }
    }

    private void Follow()
    {
        foreach (var tenant in _state.TakeAttention())
        {
            if (_followers.TryGetValue(tenant, out var follower))
            {
                follower.AskAgain();
            }
            else if (!tenant.IsDropped && !_stopping.IsCancellationRequested)
            {
                _followers[tenant] = new TenantFollower(tenant, this, _source, _options, _time, _logger, _stopping.Token);
            }

            if (tenant.IsDropped)
            {
                _followers.Remove(tenant);
            }
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        using var reporter = new ProgressReporter(this, _source, _silo, _options, _time, _progressed, _finished, _logger);
        await reporter.RunAsync(cancellationToken);
    }

    private async Task FollowViewAsync(CancellationToken cancellationToken)
    {
        var revision = -1L;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var snapshot = await _view.Next(revision, cancellationToken);
                revision = snapshot.Revision;
                With(s => s.SetView(snapshot));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
            }
            catch (Exception exception)
            {
                ViewFailed(_logger, exception);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Turns that nothing gives but the time that passes.</summary>
    private async Task TakeTurnsAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var next = With(s =>
            {
                _nextTurn = s.Turns.NextDue ?? long.MaxValue;
                return _nextTurn;
            });
            var left = next == long.MaxValue ? Timeout.InfiniteTimeSpan : _time.GetElapsedTime(_time.GetTimestamp(), next);
            if (left > TimeSpan.Zero || next == long.MaxValue)
            {
                // Timers count milliseconds.
                await _turnDue.WaitAsync(left > TimeSpan.Zero && left < Millisecond ? Millisecond : left, cancellationToken);
            }
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        var waitingSince = default(long?);
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Tick, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var waiting = With(s =>
            {
                s.Publish();
                s.Sweep(_options.Grace);
                s.WakeRested(LongestRest);
                return s.Waiting;
            });
            if (waiting == 0)
            {
                waitingSince = null;
            }
            else if (waitingSince is null)
            {
                waitingSince = _time.GetTimestamp();
            }
            else if (_time.GetElapsedTime(waitingSince.Value) > TimeSpan.FromSeconds(10))
            {
                waitingSince = _time.GetTimestamp();
                TenantsWait(_logger, waiting);
            }
        }
    }

    /// <param name="SendsFrom">The update has arrived, and more may be sent from this timestamp on; null: it has been sent.</param>
    private readonly record struct Notice(ServedNode Node, long? SendsFrom);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cluster's objects could not be followed; trying again")]
    private static partial void ViewFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Tenants} tenants have changes that wait for other tenants' parts; what is enforced stays")]
    private static partial void TenantsWait(ILogger logger, int tenants);
}
