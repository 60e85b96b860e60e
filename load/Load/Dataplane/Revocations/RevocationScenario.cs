using System.Collections.Immutable;
using System.Globalization;
using Vallum.Lab;
using Vallum.Load.Dataplane.Connections;
using Vallum.Load.Dataplane.FirstPackets;
using Vallum.Load.Dataplane.Layouts;
using Vallum.Load.Dataplane.Testbed;
using Vallum.Load.Dataplane.Updates;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Revocations;

/// <summary>
/// What it takes to end the flows of one source, among so many of others. The flows are SYNs that a router has let through and nobody has answered; which
/// tool wrote its rules is alike for all of this.
/// </summary>
internal sealed class RevocationScenario(DataplanePlan plan, TextWriter progress)
{
    /// <summary>The command of this program that measures inside a namespace.</summary>
    public const string NodeCommand = "dataplane-revoke";

    /// <summary>Sources that are revoked, one after the other.</summary>
    public const int Members = 20;

    /// <summary>Of each of them: one batch.</summary>
    public const int FlowsEach = 64;

    /// <summary>Of one source to one port; more would be flows that are there already.</summary>
    private const int MostOfOneSource = 64_000;

    public async Task<ImmutableArray<ChangeRow>> RunAsync(CancellationToken cancellationToken)
    {
        var rows = ImmutableArray.CreateBuilder<ChangeRow>();
        foreach (var flows in plan.Flows)
        {
            await using var park = await RouterPark.CreateAsync(1, cancellationToken);
            var router = park.Routers[0];
            await PlainRules.Zero.InstallAsync(router, IptablesFlavour.Nft, cancellationToken);

            // What has no way back is not answered: the flows stay as they are.
            await Command.RunAsync("ip", ["-n", park.Server, "route", "del", $"10.1.{router.Number}.0/24"], "", cancellationToken);
            using (var client = await NamespaceThread.EnterAsync(park.Client))
            {
                await client.RunAsync(() => Fill(router, flows));
            }

            string[] words = [NodeCommand, "--flows", flows.ToString(CultureInfo.InvariantCulture), "--router", router.Number.ToString(CultureInfo.InvariantCulture)];
            rows.AddRange(await Inside.RunAsync(router, words, cancellationToken));
            await progress.WriteLineAsync($"revocation among {flows:n0} flows measured");
        }

        return rows.ToImmutable();
    }

    /// <summary>A source that is revoked.</summary>
    public static Address Member(Router router, int index) => Address.V4((uint)router.Client.Bits + 8 + (uint)index);

    private static void Fill(Router router, int flows)
    {
        for (var index = 0; index < Members; index++)
        {
            Send(router, Member(router, index), FlowsEach);
        }

        for (var (left, source) = (flows, 100u); left > 0; left -= MostOfOneSource, source++)
        {
            Send(router, Address.V4((uint)router.Client.Bits + source), Math.Min(left, MostOfOneSource));
        }
    }

    private static void Send(Router router, Address source, int flows)
    {
        using var sender = new SynSender(router, source, ResponseServer.Port);
        for (var sent = 0; sent < flows; sent += FlowsEach)
        {
            sender.Block(1);
        }
    }
}
