using Vallum.Api.Tests.Overload;
using Vallum.SiloHost;

[assembly: AssemblyFixture(typeof(SmallSilo))]

namespace Vallum.Api.Tests.Overload;

/// <summary>A silo with limits that a test can reach.</summary>
public sealed class SmallSilo : IAsyncLifetime
{
    public const int CallsOfCaller = 60;
    public const int StreamsOfCaller = 4;
    public const int StreamsOfNode = 2;
    public const int WaitingBatches = 3;

    public TestSilo Silo { get; private set; } = null!;

    internal Calls.Api Api { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Silo = await TestSilo.StartAsync(new Dictionary<string, string?>
        {
            ["limits:callsOfCaller"] = $"{CallsOfCaller}",
            ["limits:streamsOfCaller"] = $"{StreamsOfCaller}",
            ["limits:waitingBatches"] = $"{WaitingBatches}",
            ["limits:waitingBytes"] = $"{8 << 20}",
            ["limits:requestBytes"] = $"{64 << 20}",
            ["limits:requestWithin"] = "00:00:00.5",
            ["limits:takenWithin"] = "00:00:00.5",
            ["distribution:writeDeadline"] = "00:00:00.5",
            ["distribution:streamsOfNode"] = $"{StreamsOfNode}",
            ["distribution:heldResources"] = "1000",
        });
        Api = new Calls.Api(Silo);
    }

    public ValueTask DisposeAsync() => Silo.DisposeAsync();

    /// <summary>Of a counter, all labels together.</summary>
    public async Task<double> CountAsync(string counter)
    {
        using var client = new HttpClient();
        var text = await client.GetStringAsync(new Uri(Silo.AdminAddress, "metrics"), Calls.Api.Cancelled);
        return text.Split('\n').Where(line => line.StartsWith(counter, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>One after another, and beside no other test: they count what the silo has refused, and what this process keeps in memory.</summary>
[CollectionDefinition(nameof(SmallSilo), DisableParallelization = true)]
public sealed class SmallSiloTests;
