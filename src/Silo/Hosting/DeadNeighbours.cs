using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Vallum.Silo.Hosting;

/// <summary>
/// Before a silo joins: declares silos of this machine dead that nobody listens for any more. A silo that was killed leaves a row that says it is active; who
/// joins must reach all active ones, and would wait until the row is stale (18 s measured) before it may start. A refused connection on loopback proves the
/// end at once; a silo that is only frozen still has its port.
/// </summary>
internal sealed partial class DeadNeighbours(
    IMembershipTable members, ILocalSiloDetails local, IOptions<SiloOptions> options, TimeProvider time, ILogger<DeadNeighbours> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    // A row that has missed three signs of life hinders nobody.
    private static readonly TimeSpan Recently = TimeSpan.FromSeconds(15);

    // As Orleans writes it into the table. Loopback is another place on each host.
    private static readonly string Host = Dns.GetHostName();

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(DeadNeighbours), ServiceLifecycleStage.RuntimeInitialize, BuryAsync);

    private async Task BuryAsync(CancellationToken cancellationToken)
    {
        await members.InitializeMembershipTableAsync(tryInitTableVersion: true, cancellationToken);
        var table = (await members.ReadAllAsync(cancellationToken)).Members.Select(member => member.Item1).ToList();
        foreach (var silo in table.Where(IsCandidate))
        {
            if (await IsRefusedAsync(silo.SiloAddress.Endpoint, cancellationToken))
            {
                await DeclareDeadAsync(silo.SiloAddress, cancellationToken);
            }
        }

        if (table.Find(IsOutOfReach) is { } other)
        {
            throw new InvalidDataException(
                $"This silo ({Place(local.SiloAddress)}, host {Host}) and silo {Place(other.SiloAddress)} of host {other.HostName} cannot reach each other: " +
                "a loopback address is for silos of one machine. Give both --silo-listen ADDRESS:PORT with an address of their machine. If that silo " +
                $"has ended, its row is old in {Recently.TotalSeconds:0} s.");
        }
    }

    private static string Place(SiloAddress silo) => silo.Endpoint.ToString();

    private bool IsOutOfReach(MembershipEntry other) =>
        other.Status == SiloStatus.Active
        && !IsHere(other)
        && time.GetUtcNow().UtcDateTime - other.IAmAliveTime < Recently
        && (IPAddress.IsLoopback(other.SiloAddress.Endpoint.Address) || IPAddress.IsLoopback(local.SiloAddress.Endpoint.Address));

    /// <summary>Silos over one file are on one machine, whatever it is called: a container has another name after each start.</summary>
    private bool IsHere(MembershipEntry silo) => options.Value.Cluster == ClusterKind.Embedded || silo.HostName == Host;

    private bool IsCandidate(MembershipEntry silo) =>
        silo.Status is not (SiloStatus.Dead or SiloStatus.None)
        && IsHere(silo)
        && IPAddress.IsLoopback(silo.SiloAddress.Endpoint.Address);

    private static async Task<bool> IsRefusedAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }

    /// <summary>Another silo may write the table at the same time: then its word, or the next look, decides.</summary>
    private async Task DeclareDeadAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        var table = await members.ReadAllAsync(cancellationToken);
        if (table.TryGet(silo) is { Item1: { } entry } row && entry.Status != SiloStatus.Dead)
        {
            entry.Status = SiloStatus.Dead;
            if (await members.UpdateRowAsync(entry, row.Item2, table.Version.Next(), cancellationToken))
            {
                LogBuried(silo);
            }
        }
    }

    [LoggerMessage(EventId = 1010, Level = LogLevel.Information, Message = "Silo {Silo} of this machine had ended without leaving the cluster; it is taken out.")]
    private partial void LogBuried(SiloAddress silo);
}
