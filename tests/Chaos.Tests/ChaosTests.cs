using System.Globalization;
using Vallum.Chaos.Processes;
using Vallum.Chaos.Schedules;
using Vallum.Chaos.Worlds;

namespace Vallum.Chaos.Tests;

/// <summary>
/// Three silos, 200 agents, writers; silos killed, frozen, stopped, the storage's server killed, agents cut off. VALLUM_SEED and VALLUM_SCHEDULE repeat a run,
/// VALLUM_CHAOS_MINUTES makes it long, VALLUM_CHAOS_BACKEND is Redis or Sqlite.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(14);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_no_agent_holds_a_mix_whatever_fails()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("VALLUM_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        var backend = Enum.TryParse<Backend>(Environment.GetEnvironmentVariable("VALLUM_CHAOS_BACKEND"), ignoreCase: true, out var named)
            ? named
            : seed % 2 == 0 && Programs.Redis is not null ? Backend.Redis : Backend.Sqlite;
        var duration = double.TryParse(Environment.GetEnvironmentVariable("VALLUM_CHAOS_MINUTES"), CultureInfo.InvariantCulture, out var minutes)
            ? TimeSpan.FromMinutes(minutes)
            : Short;
        var schedule = Environment.GetEnvironmentVariable("VALLUM_SCHEDULE") is { Length: > 0 } text
            ? Schedule.Parse(text)
            : Schedule.Of(seed, duration, ChaosPlan.Silos, backend == Backend.Redis);
        output.WriteLine($"VALLUM_SEED={seed} VALLUM_CHAOS_BACKEND={backend} VALLUM_SCHEDULE='{schedule}'");
        var plan = new ChaosPlan(backend, new World(Tenants: 10, Nodes: 200), schedule, duration, Pace: TimeSpan.FromMilliseconds(200));

        var outcome = await ChaosRun.RunAsync(plan, line => output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {line}"), TestContext.Current.CancellationToken);

        output.WriteLine(outcome.ToString());
        outcome.Faults.ShouldBeEmpty($"VALLUM_SEED={seed} VALLUM_CHAOS_BACKEND={backend} VALLUM_SCHEDULE='{schedule}'");
        outcome.Resent.ShouldBe(0);
    }
}
