using System.Net;
using System.Net.Sockets;
using Vallum.Lab.Probing;

namespace Vallum.Lab;

/// <summary>
/// Waits until packets pass on every link of a new lab: the kernel tells an interface, and a bridge its port, that the cable is plugged in
/// at its leisure, at most once in a second (<c>net/core/link_watch.c</c>).
/// </summary>
internal static class Readiness
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <exception cref="TimeoutException">A link stays dead; the message names its ends.</exception>
    public static async Task AwaitAsync(IReadOnlyCollection<LabHost> hosts, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        await Task.WhenAll(Links(hosts).SelectMany(link => link.To.Addresses.Select(address => EchoAsync(link.From, address, limit.Token))));
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>From each host to the other end of what it is plugged into.</summary>
    private static IEnumerable<(LabHost From, LabHost To)> Links(IReadOnlyCollection<LabHost> hosts) =>
        from host in hosts
        from other in hosts
        where (host.Kind, other.Kind) switch
        {
            (HostKind.Workload, HostKind.Node) => host.Node == other.Name,
            (HostKind.Node, HostKind.Workload) => other.Node == host.Name,
            (HostKind.Node, HostKind.Node or HostKind.Outsider or HostKind.Control) => host != other,
            (HostKind.Outsider, HostKind.Node or HostKind.Outsider) => host != other,
            _ => false,
        }
        select (host, other);

    private static async Task EchoAsync(LabHost from, IPAddress to, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Attempts.EchoAsync(from, to, null, Again, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                // No route or no address yet: an interface that does not know of its cable has neither.
                await Task.Delay(Again, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException ended)
            {
                throw new TimeoutException($"no packet passes from {from} to {to}", ended);
            }
        }
    }
}
