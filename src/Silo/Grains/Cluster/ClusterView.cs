using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Silo.Distribution;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Silo.Grains.Cluster;

/// <summary>
/// This silo's copy of the cluster's own objects, kept by one parked feed of the cluster grain. While the feed fails the last copy stays: nothing is taken
/// for deleted because it cannot be asked for.
/// </summary>
internal sealed partial class ClusterView(IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ClusterView> logger)
    : BackgroundService, IClusterView, IOperatorPolicies
{
    /// <summary>Between two tries while the feed fails.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(250);

    private readonly Latest<ClusterSnapshot> _snapshot = new(ClusterSnapshot.Empty, snapshot => snapshot.Revision);
    private readonly Latest<OperatorPolicies> _policies = new(OperatorPolicies.Unknown, policies => policies.Revision);

    /// <summary>The cluster has answered once. (A cluster in which nothing was ever committed is at revision 0 too.)</summary>
    public bool IsLoaded { get; private set; }

    public ClusterSnapshot Current => _snapshot.Current;

    OperatorPolicies IOperatorPolicies.Current => _policies.Current;

    public Task<ClusterSnapshot> Next(long afterRevision, CancellationToken cancellationToken) => _snapshot.Next(afterRevision, cancellationToken);

    public Task Reaches(long afterRevision, CancellationToken cancellationToken) => _snapshot.Reaches(afterRevision, cancellationToken);

    Task<OperatorPolicies> IOperatorPolicies.Next(long afterRevision, CancellationToken cancellationToken) => _policies.Next(afterRevision, cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // With the first word of the silo's end: a question that is still parked then holds up the cluster grain's.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await FollowAsync(stopping.Token);
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        var cluster = grains.GetGrain<IClusterGrain>(IClusterGrain.Key);
        var failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Take(await cluster.Feed(new FeedRequest(Current.Revision, IsLoaded ? LongPoll.Longest : TimeSpan.Zero), stoppingToken));
                (IsLoaded, failing) = (true, false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!failing)
                {
                    LogFailing(exception, Current.Revision);
                }

                failing = true;
                await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Take(FeedReply reply)
    {
        if (reply.Revision == Current.Revision)
        {
            return;
        }

        var before = Current;
        var next = before.With(reply);
        // A whole may hide that a policy came and went: it counts as a change, so that nobody who waits for one waits for ever.
        if (reply.Whole || reply.Events.Any(one => one.Kind == ObjectKind.Policy))
        {
            _policies.Set(new OperatorPolicies(next.Revision, next.Policies));
        }

        _snapshot.Set(next);
    }

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "The cluster's own objects cannot be followed; this silo goes on with revision {Revision} and tries again.")]
    private partial void LogFailing(Exception exception, long revision);
}
