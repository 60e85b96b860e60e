using System.Collections.Immutable;
using Vallum.Cluster.Traffic;

namespace Vallum.Silo.Reports;

/// <summary>
/// Sees to it that a node is in the sums of one silo only: asks the others to let go of the nodes that have told everything here, and then counts them.
/// A silo that does not answer is asked again for as long as it is a member.
/// </summary>
internal sealed partial class TrafficExchange(TrafficBook book, TrafficSilos silos, TimeProvider time, ILogger<TrafficExchange> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    private readonly Dictionary<SiloAddress, ImmutableDictionary<string, NodeStream>> _owed = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            await OnceAsync();
        }
    }

    private async Task OnceAsync()
    {
        var waiting = book.Waiting();
        var others = silos.Active.Remove(silos.Own);
        foreach (var gone in _owed.Keys.Except(others).ToList())
        {
            _owed.Remove(gone);
        }

        await Task.WhenAll(others.Select(silo => TellAsync(silo, waiting)).ToList());
        book.Count(waiting);
        book.Tidy();
    }

    private async Task TellAsync(SiloAddress silo, ImmutableArray<NodeStream> waiting)
    {
        ImmutableDictionary<string, NodeStream> nodes;
        lock (_owed)
        {
            nodes = _owed.GetValueOrDefault(silo, ImmutableDictionary<string, NodeStream>.Empty).SetItems(waiting.Select(n => KeyValuePair.Create(n.Node, n)));
        }

        if (nodes.IsEmpty)
        {
            return;
        }

        try
        {
            // A node may have gone back there before it was counted here.
            book.LetGo(await silos.At(silo).LetGo([.. nodes.Values]).WaitAsync(Deadline, time));
            nodes = nodes.Clear();
        }
        catch (Exception exception)
        {
            NotTold(logger, silo, exception);
        }

        lock (_owed)
        {
            _owed[silo] = nodes;
        }
    }

    [LoggerMessage(EventId = 1401, Level = LogLevel.Debug, Message = "Silo {Silo} was not told which nodes are counted here; trying again")]
    private static partial void NotTold(ILogger logger, SiloAddress silo, Exception exception);
}
