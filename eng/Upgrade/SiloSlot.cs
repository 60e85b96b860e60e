using System.Globalization;
using System.Net.Sockets;

namespace Vallum.Upgrade;

/// <summary>A place in the cluster, with its addresses: a silo of one build after the other.</summary>
internal sealed class SiloSlot(Place place, int number) : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(60);

    private RunningProgram? _silo;

    public Build? Build { get; private set; }

    /// <summary>The silo stops, and one of the build takes its place; returns when that is ready.</summary>
    /// <returns>The exit code of the one that stopped; 0 when there was none.</returns>
    public async Task<int> ReplaceAsync(Build build, CancellationToken cancellationToken)
    {
        var code = _silo is { } before ? await before.StopAsync() : 0;
        await DisposeAsync();
        Build = build;
        string[] storage = place.Store == "file" ? ["--data", Path.Combine(place.Folder, "data")] : ["--cluster", "redis", "--redis", place.Store];
        _silo = RunningProgram.Start(
            place.Log($"silo-{number}"),
            build.Silo,
            [.. storage, "--listen", $"{place.Address}:{7400 + number}", "--admin-listen", $"127.0.0.1:{7480 + number}", "--insecure"]);
        await ReadyAsync(_silo, cancellationToken);
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
            _silo = null;
        }
    }

    private async Task ReadyAsync(RunningProgram silo, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartWithin);
        using var client = new HttpClient();
        var ready = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{7480 + number}/readyz"));
        while (true)
        {
            if (silo.HasEnded)
            {
                throw new InvalidOperationException($"silo {number} ended at its start: {place.Log($"silo-{number}")}");
            }

            try
            {
                if ((await client.GetAsync(ready, limit.Token)).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or SocketException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
        }
    }
}
