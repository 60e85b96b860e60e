using System.Collections.Immutable;
using Vallum.Lab;
using Vallum.Load.Dataplane.FirstPackets;
using Vallum.Load.Dataplane.Layouts;
using Vallum.Load.Dataplane.Testbed;
using Vallum.Load.Measuring;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane.Connections;

/// <summary>What rules cost a packet: new connections, first packets and connections a second, of all layouts of one flavour of iptables.</summary>
internal sealed class ConnectionScenario(DataplanePlan plan, IptablesFlavour flavour, TextWriter progress)
{
    private static readonly TimeSpan RateBlock = TimeSpan.FromMilliseconds(40);

    public async Task<ConnectionFigures> RunAsync(CancellationToken cancellationToken)
    {
        var sizes = await OverSizesAsync(cancellationToken);
        var shares = await SharesAsync(cancellationToken);
        var layouts = Beyond();
        await using var park = await InstalledPark.CreateAsync(flavour, layouts, progress, cancellationToken);
        var constant = park.Where(layout => layout is VallumRules || layout.Policies == 0);
        var linear = park.Where(layout => layout is not VallumRules && layout != PlainRules.Nothing);
        var latency = new List<Figure>();
        var rates = new List<Figure>();
        await using (await ResponseServer.StartAsync(park.Server, InstalledPark.Processor))
        {
            latency.AddRange(await LatencyAsync(park, constant, plan.ResponseBytes[0], 40, 3 * plan.Limit));
            latency.AddRange((await LatencyAsync(park, linear, plan.ResponseBytes[0], 8, plan.Limit)).Where(figure => figure.Layout != PlainRules.Zero));
        }

        await using (await ResponseServer.StartAsync(park.Server, InstalledPark.Processor, InstalledPark.Processor - 1))
        {
            var rated = park.Where(layout => layout is VallumRules { Shape: not VallumShape.WorstShape } || layout is { Name: "flat" or "jump", Policies: < 10_000 } || layout == PlainRules.Zero);
            rates.AddRange(await RatesAsync(park, rated));
        }

        await park.DropForwardedAsync(cancellationToken);
        var first = await FirstPacketsAsync(park, constant, 64, plan.Limit);
        var slow = await FirstPacketsAsync(park, linear, 4, plan.Limit);
        return new ConnectionFigures(flavour, sizes, [.. latency], [.. rates], [.. first, .. slow.Where(figure => figure.Layout != PlainRules.Zero)], shares);
    }

    private ImmutableArray<Layout> Beyond() =>
    [
        PlainRules.Zero,
        PlainRules.Nothing,
        .. Enum.GetValues<VallumShape>().SelectMany(shape => plan.ManyPolicies.Select(count => new VallumRules(shape, count))),
        .. plan.ManyPolicies.Select(PlainRules.Flat),
        .. plan.ManyPolicies.Select(PlainRules.Jump),
    ];

    /// <summary>The table of 2016.</summary>
    private async Task<ImmutableArray<(int Bytes, ImmutableArray<Figure> Figures)>> OverSizesAsync(CancellationToken cancellationToken)
    {
        ImmutableArray<Layout> layouts =
        [
            PlainRules.Zero,
            .. plan.Policies.Select(PlainRules.Flat),
            .. plan.Policies.Select(PlainRules.Jump),
            .. plan.Policies.Select(count => new VallumRules(VallumShape.Ingress, count)),
        ];
        await using var park = await InstalledPark.CreateAsync(flavour, layouts, progress, cancellationToken);
        await using var server = await ResponseServer.StartAsync(park.Server, InstalledPark.Processor);
        var all = park.Where(_ => true);
        var result = ImmutableArray.CreateBuilder<(int, ImmutableArray<Figure>)>();
        foreach (var bytes in plan.ResponseBytes)
        {
            result.Add((bytes, await LatencyAsync(park, all, bytes, bytes < 20_000 ? 40 : bytes < 200_000 ? 15 : 5, plan.Limit)));
        }

        return result.ToImmutable();
    }

    /// <summary>Where the time goes.</summary>
    private async Task<ImmutableArray<(Figure Connection, Figure FirstPacket)>> SharesAsync(CancellationToken cancellationToken)
    {
        var count = plan.ManyPolicies[0];
        ImmutableArray<Layout> layouts =
        [
            PlainRules.Zero,
            .. new[] { VallumShape.BothDirections, VallumShape.WorstShape }
                .SelectMany(shape => TakenOut.All.Prepend(null).Select(part => new VallumRules(shape, count, part))),
        ];
        await using var park = await InstalledPark.CreateAsync(flavour, layouts, progress, cancellationToken);
        var all = park.Where(_ => true);
        ImmutableArray<Figure> connections;
        await using (await ResponseServer.StartAsync(park.Server, InstalledPark.Processor))
        {
            connections = await LatencyAsync(park, all, plan.ResponseBytes[0], 40, 2 * plan.Limit);
        }

        await park.DropForwardedAsync(cancellationToken);
        var packets = await FirstPacketsAsync(park, all, 64, plan.Limit);
        return [.. connections.Zip(packets)];
    }

    private async Task<ImmutableArray<Figure>> LatencyAsync(InstalledPark park, int[] which, int bytes, int requests, TimeSpan limit)
    {
        using var client = new RequestClient();
        return await FiguresAsync(park, which, limit, index => client.Block(park.Routers[index], bytes, requests));
    }

    private async Task<ImmutableArray<Figure>> RatesAsync(InstalledPark park, int[] which)
    {
        using var client = new RequestClient();
        using var second = new RequestClient();
        using var beside = await NamespaceThread.EnterAsync(park.Client);
        await beside.RunAsync(() => Native.PinTo(InstalledPark.Processor - 1));
        var bytes = plan.ResponseBytes[0];
        return await FiguresAsync(park, which, plan.Limit, index =>
        {
            var other = beside.RunAsync(() => second.PerSecond(park.Routers[index], bytes, RateBlock));
            return client.PerSecond(park.Routers[index], bytes, RateBlock) + other.GetAwaiter().GetResult();
        });
    }

    private async Task<ImmutableArray<Figure>> FirstPacketsAsync(InstalledPark park, int[] which, int packets, TimeSpan limit)
    {
        var senders = await park.MeasureAsync(() => park.Routers.Select(router => new SynSender(router)).ToArray());
        try
        {
            return await FiguresAsync(park, which, limit, index => senders[index].Block(7, packets));
        }
        finally
        {
            Array.ForEach(senders, sender => sender.Dispose());
        }
    }

    /// <param name="which">The first is the baseline.</param>
    private async Task<ImmutableArray<Figure>> FiguresAsync(InstalledPark park, int[] which, TimeSpan limit, Func<int, double> block)
    {
        var rounds = await park.MeasureAsync(() => PairedRounds.Run(which.Length, plan.Rounds, limit, place => block(which[place])));
        await progress.WriteLineAsync($"{flavour}: {which.Length} layouts, {rounds.Rounds} rounds");
        return
        [
            .. which.Select((index, place) => new Figure(
                park.Layouts[index],
                rounds.Median(place),
                rounds.Ratio(place, 0),
                rounds.Difference(place, 0),
                rounds.Ratio(place, Smallest(park, which, park.Layouts[index])),
                rounds.Rounds)),
        ];
    }

    /// <summary>The place of the layout of the same kind with the fewest policies.</summary>
    private static int Smallest(InstalledPark park, int[] which, Layout layout) => Enumerable.Range(0, which.Length)
        .Where(place => park.Layouts[which[place]].Name == layout.Name).MinBy(place => park.Layouts[which[place]].Policies);
}
