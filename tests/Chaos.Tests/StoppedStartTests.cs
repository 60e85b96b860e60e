using System.Globalization;
using Vallum.Chaos.Processes;

namespace Vallum.Chaos.Tests;

/// <summary>Whoever restarts silos one by one stops some that are not up yet.</summary>
public sealed class StoppedStartTests
{
    // Of a signal that came before the process listened to any.
    private const int EndedBySignal = 128 + 15;

    [Fact]
    public async Task A_silo_that_is_told_to_stop_before_it_is_up_stops_as_asked()
    {
        var folder = Directory.CreateTempSubdirectory("vallum-stopped-").FullName;
        var ports = Ports.Take(2);
        using var silo = new SiloServer(0, ports[0], ports[1], ["--data", folder], folder);
        for (var after = 400; after <= 2000; after += 200)
        {
            silo.Start();
            await Task.Delay(after, TestContext.Current.CancellationToken);

            var code = await silo.StopAsync(TestContext.Current.CancellationToken);

            code.ShouldBeOneOf([0, EndedBySignal], string.Create(CultureInfo.InvariantCulture, $"stopped {after} ms after its start; see {folder}"));
        }

        Directory.Delete(folder, recursive: true);
    }
}
