using System.Diagnostics;
using Shouldly;
using Vallum.Silo.Storage.Log;
using Vallum.Storage.Tests.Backends;
using Xunit;

namespace Vallum.Storage.Tests;

/// <summary>A real process that appends to logs in a SQLite file and is killed without warning.</summary>
public sealed class KilledWriterTests
{
    private const int Writers = 4;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed_again_and_again()
    {
        await using var backend = new SqliteBackend();
        var acknowledged = new long[Writers];
        for (var round = 1; round <= 3; round++)
        {
            await RunAndKillAsync(backend.Path, acknowledged, acknowledgements: 600 * round);
            await backend.ReopenAsync();
            for (var writer = 0; writer < Writers; writer++)
            {
                var log = await ObjectLog.OpenAsync(backend.Storage, GrainId.Create("crash", $"{writer}"), TimeProvider.System);
                log.Committed.Revision.ShouldBeInRange(acknowledged[writer], acknowledged[writer] + 1);
                ShouldHoldEveryRevision(log.Committed);
                await log.CloseAsync();
            }
        }
    }

    /// <summary>The writer puts revision r into object r mod 100, so the objects hold exactly the last hundred revisions.</summary>
    private static void ShouldHoldEveryRevision(LogState state)
    {
        var expected = Enumerable.Range(0, 100).Select(back => state.Revision - back).Where(revision => revision > 0).Order();
        state.Objects.Values.Select(stored => stored.Revision).Order().ShouldBe(expected);
        state.Objects.ShouldAllBe(pair => pair.Key.Name == $"object-{pair.Value.Revision % 100}");
    }

    private static async Task RunAndKillAsync(string path, long[] acknowledged, int acknowledgements)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Vallum.Storage.CrashWriter.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, path, $"{Writers}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var failure = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var count = 0;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            // A line that the kill cut short is no acknowledgement; its number could not be trusted.
            if (line.Split(' ') is [var writer, var revision] && int.TryParse(writer, out var index) && long.TryParse(revision, out var acked))
            {
                acknowledged[index] = Math.Max(acknowledged[index], acked);
            }

            if (++count == acknowledgements)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        count.ShouldBeGreaterThanOrEqualTo(acknowledgements, await failure);
        process.ExitCode.ShouldBe(128 + 9, await failure);
    }
}
