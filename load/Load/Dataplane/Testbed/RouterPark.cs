using System.Collections.Immutable;
using Vallum.Lab;

namespace Vallum.Load.Dataplane.Testbed;

/// <summary>
/// A client and a server in namespaces of their own, and between them many routers that are there at once, one per set of rules that is measured. Nothing
/// of it is in the machine's own namespace; disposing it removes all.
/// </summary>
internal sealed class RouterPark : IAsyncDisposable
{
    // The labs of the scenarios count from 1.
    private const int Lab = 0;

    private static readonly (string File, string Value)[] Settings =
    [
        ("net/ipv4/ip_forward", "1"),
        ("net/ipv4/conf/all/rp_filter", "0"),
        ("net/ipv4/conf/default/rp_filter", "0"),
        ("net/ipv4/ip_local_port_range", "10000 65000"),
        ("net/ipv4/tcp_metrics_save", "0"),

        // Nothing but what is measured: no router solicitations, no neighbour discovery.
        ("net/ipv6/conf/all/disable_ipv6", "1"),
        ("net/ipv6/conf/default/disable_ipv6", "1"),
    ];

    private readonly ImmutableArray<string> _namespaces;

    private RouterPark(string client, string server, ImmutableArray<Router> routers)
    {
        (Client, Server, Routers) = (client, server, routers);
        _namespaces = [client, server, .. routers.Select(router => router.Namespace)];
    }

    /// <summary>Its namespace.</summary>
    public string Client { get; }

    /// <summary>Its namespace.</summary>
    public string Server { get; }

    public ImmutableArray<Router> Routers { get; }

    /// <param name="count">At most 250.</param>
    public static async Task<RouterPark> CreateAsync(int count, CancellationToken cancellationToken)
    {
        await Leftovers.SweepAsync(cancellationToken);
        var prefix = NamespaceNames.Prefix(Lab);
        var park = new RouterPark($"{prefix}cl", $"{prefix}sv", [.. Enumerable.Range(0, count).Select(number => new Router(number, $"{prefix}r{number}"))]);
        try
        {
            await BatchAsync(null, park._namespaces.Select(name => $"netns add {name}"), cancellationToken);
            foreach (var name in park._namespaces)
            {
                using var inside = await NamespaceThread.EnterAsync(name);
                await inside.RunAsync(Configure);
            }

            await BatchAsync(null, park.Routers.SelectMany(router => router.Links(park.Client, park.Server)), cancellationToken);
            await BatchAsync(park.Client, park.Routers.SelectMany(router => router.OfClient).Prepend("link set lo up"), cancellationToken);
            await BatchAsync(park.Server, park.Routers.SelectMany(router => router.OfServer).Prepend("link set lo up"), cancellationToken);
            foreach (var router in park.Routers)
            {
                await BatchAsync(router.Namespace, router.Own, cancellationToken);
            }

            return park;
        }
        catch
        {
            await park.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() =>
        await Leftovers.RemoveAsync([.. NamespaceNames.All().Where(_namespaces.Contains)], CancellationToken.None);

    private static void Configure()
    {
        foreach (var (file, value) in Settings.Where(setting => File.Exists($"/proc/sys/{setting.File}")))
        {
            File.WriteAllText($"/proc/sys/{file}", value);
        }
    }

    private static Task<string> BatchAsync(string? space, IEnumerable<string> lines, CancellationToken cancellationToken) =>
        Command.RunAsync("ip", [.. space is null ? Array.Empty<string>() : ["-n", space], "-batch", "-"], string.Join('\n', lines), cancellationToken);
}
