using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Vallum.Lab;
using Vallum.Load.Dataplane.Layouts;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane.Testbed;

/// <summary>A park whose routers have one layout each, in the order given, and a thread in the client's place that measures.</summary>
internal sealed class InstalledPark : IAsyncDisposable
{
    private readonly RouterPark _park;
    private readonly NamespaceThread _client;

    private InstalledPark(RouterPark park, NamespaceThread client, ImmutableArray<Layout> layouts) =>
        (_park, _client, Layouts) = (park, client, layouts);

    public ImmutableArray<Layout> Layouts { get; }

    public ImmutableArray<Router> Routers => _park.Routers;

    public string Client => _park.Client;

    public string Server => _park.Server;

    /// <summary>The processor that the client, and what it talks to, is on: one for both is what is disturbed least.</summary>
    public static int Processor => Environment.ProcessorCount - 1;

    public static async Task<InstalledPark> CreateAsync(
        IptablesFlavour flavour, ImmutableArray<Layout> layouts, TextWriter progress, CancellationToken cancellationToken)
    {
        var park = await RouterPark.CreateAsync(layouts.Length, cancellationToken);
        try
        {
            foreach (var (layout, router) in layouts.Zip(park.Routers))
            {
                var start = Stopwatch.GetTimestamp();
                await layout.InstallAsync(router, flavour, cancellationToken);
                var line = $"{flavour}: {layout.Name}, {layout.Policies:n0} policies: installed in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:n0} ms";
                await progress.WriteLineAsync(line.AsMemory(), cancellationToken);
            }

            var client = await NamespaceThread.EnterAsync(park.Client);
            await client.RunAsync(() => Native.PinTo(Processor));
            return new InstalledPark(park, client, layouts);
        }
        catch
        {
            await park.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _park.DisposeAsync();
    }

    /// <summary>The places of the layouts that are asked for.</summary>
    public int[] Where(Func<Layout, bool> wanted) => [.. Enumerable.Range(0, Layouts.Length).Where(index => wanted(Layouts[index]))];

    /// <summary>Runs in the client's namespace, on one processor.</summary>
    public Task<T> MeasureAsync<T>(Func<T> measurement) => _client.RunAsync(measurement);

    /// <summary>What is forwarded is dropped at its last hook from now on: no connection is confirmed, so none is kept by conntrack.</summary>
    public async Task DropForwardedAsync(CancellationToken cancellationToken)
    {
        foreach (var router in Routers)
        {
            var table = string.Create(CultureInfo.InvariantCulture, $"table ip measured {{ chain post {{ type filter hook postrouting priority 300; drop; }}; }}\n");
            await router.RunAsync("nft", ["-f", "-"], table, cancellationToken);
        }
    }
}
