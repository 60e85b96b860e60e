namespace Vallum.Silo.Grains.Objects;

/// <summary>
/// Ends what is parked in this silo's grains when another silo goes. Orleans then deactivates also living activations, those that the lost part of its
/// directory knew; an activation goes when nothing runs in it any more, and until then all who call it wait: a parked question would hold them for its 10 s.
/// Whoever parked it asks again at once, and finds the activation where it is then.
/// </summary>
internal sealed class ClusterUnrest(IClusterMembershipService membership, TimeProvider time) : BackgroundService
{
    // Orleans notices by itself, a moment before or after this; a question that is parked again in between must not hold either.
    private static readonly TimeSpan[] Rounds = [.. new[] { 0, 100, 300, 600, 1000, 1500, 2500 }.Select(round => TimeSpan.FromMilliseconds(round))];

    private volatile CancellationTokenSource _round = new();

    /// <summary>Cancelled with the next silo that goes.</summary>
    public CancellationToken Next => _round.Token;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var known = new HashSet<SiloAddress>();
        var ending = Task.CompletedTask;
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                var active = snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).ToHashSet();
                var lost = known.Except(active).Any();
                known = active;
                if (lost)
                {
                    ending = Task.WhenAll(ending, EndAsync(stoppingToken));
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo ends.
        }

        await ending;
    }

    private async Task EndAsync(CancellationToken stoppingToken)
    {
        var start = time.GetTimestamp();
        foreach (var round in Rounds)
        {
            var left = round - time.GetElapsedTime(start);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Not disposed: who is about to park may have its token still.
            await Interlocked.Exchange(ref _round, new CancellationTokenSource()).CancelAsync();
        }
    }
}
