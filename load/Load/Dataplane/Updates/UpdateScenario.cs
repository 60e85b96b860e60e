using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Vallum.Load.Dataplane.Layouts;
using Vallum.Load.Dataplane.Testbed;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>
/// What changes cost, of one flavour: with an agent in a process of its own inside a namespace (see <see cref="NodeMeasurement"/>), and then with the program
/// that is shipped, started on what that one left.
/// </summary>
internal sealed class UpdateScenario(DataplanePlan plan, IptablesFlavour flavour, TextWriter progress)
{
    /// <summary>The command of this program that measures inside a namespace.</summary>
    public const string NodeCommand = "dataplane-node";

    public async Task<UpdateFigures> RunAsync(CancellationToken cancellationToken)
    {
        var rows = ImmutableArray.CreateBuilder<ChangeRow>();
        var starts = ImmutableArray.CreateBuilder<StartFigures>();
        foreach (var members in plan.Members)
        {
            await using var park = await RouterPark.CreateAsync(2, cancellationToken);
            var directory = Directory.CreateTempSubdirectory("vallum-load-");
            try
            {
                rows.AddRange(await MeasureNodeAsync(park.Routers[0], members, directory.FullName, cancellationToken));
                starts.Add(await new AgentStarts(park.Routers[0], flavour, directory.FullName, plan.Starts).MeasureAsync(members, cancellationToken));
                rows.Add(await WholeTableAsync(park.Routers[1], members, cancellationToken));
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        }

        return new UpdateFigures(flavour, rows.ToImmutable(), starts.ToImmutable());
    }

    private async Task<ImmutableArray<ChangeRow>> MeasureNodeAsync(Router router, int members, string stateDirectory, CancellationToken cancellationToken)
    {
        string[] words =
        [
            NodeCommand,
            "--flavour", flavour.ToString(),
            "--members", members.ToString(CultureInfo.InvariantCulture),
            "--state-dir", stateDirectory,
            "--rounds", plan.Rounds.ToString(CultureInfo.InvariantCulture),
            "--seconds", plan.Limit.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        ];
        var rows = await Inside.RunAsync(router, words, cancellationToken);
        await progress.WriteLineAsync($"{flavour}: changes with {members:n0} members measured");
        return rows;
    }

    /// <summary>Romana's way: the table is written whole for each change; here one rule per member.</summary>
    private async Task<ChangeRow> WholeTableAsync(Router router, int members, CancellationToken cancellationToken)
    {
        var table = PlainRules.Flat(members);
        var durations = new List<double>();
        for (var time = 0; time < 4; time++)
        {
            var start = Stopwatch.GetTimestamp();
            await table.InstallAsync(router, flavour, cancellationToken);
            durations.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return ChangeRow.Of("one rule", "`iptables-restore` of a rule per member", members, false, durations.Skip(1));
    }
}
