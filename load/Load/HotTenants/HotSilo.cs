using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vallum.Load.Running;
using Vallum.Load.Storms;

namespace Vallum.Load.HotTenants;

/// <summary>A silo of its own process and folder, on loopback.</summary>
internal sealed class HotSilo : IHotSilos
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly HttpClient _admin;

    private HotSilo(Process process, string folder, int port, int adminPort)
    {
        (_process, _folder, Addresses) = (process, folder, [$"http://127.0.0.1:{port}"]);
        _admin = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{adminPort}") };
    }

    public IReadOnlyList<string> Addresses { get; }

    public SiloUsage Usage => SiloUsage.Of(_process.Id);

    public static async Task<HotSilo> StartAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("vallum-hot-").FullName;
        var (port, adminPort) = (FreePort(), FreePort());
        var start = new ProcessStartInfo(Programs.Silo, ["--data", folder, "--listen", $"127.0.0.1:{port}", "--admin-listen", $"127.0.0.1:{adminPort}"]);
        // A line for each of thousands of agents would hide the table.
        start.Environment["Logging__LogLevel__Vallum"] = "Warning";
        var process = Process.Start(start) ?? throw new InvalidOperationException("the silo did not start");
        var silo = new HotSilo(process, folder, port, adminPort);
        while (!await silo.IsReadyAsync(cancellationToken))
        {
            await Task.Delay(100, cancellationToken);
        }

        return silo;
    }

    public async Task<(Counters Counters, RuntimeUsage Runtime)> CountersAsync(CancellationToken cancellationToken)
    {
        var metrics = await _admin.GetStringAsync("/metrics", cancellationToken);
        return (Counters.Parse(metrics), RuntimeUsage.Parse(metrics));
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _admin.GetAsync("/readyz", cancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException) when (!_process.HasExited)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
