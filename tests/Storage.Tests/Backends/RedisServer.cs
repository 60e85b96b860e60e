using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vallum.Storage.Tests.Backends;
using Xunit;

[assembly: AssemblyFixture(typeof(RedisServer))]

namespace Vallum.Storage.Tests.Backends;

/// <summary>A real redis-server of the tests' own, which syncs its log at every write; started when the first test asks for it.</summary>
public sealed class RedisServer : IDisposable
{
    private readonly Lazy<(Process Process, int Port, TemporaryFolder Folder)> _started = new(Start);

    /// <summary>The port on the loopback address; skips the test where there is no redis-server.</summary>
    public int Port
    {
        get
        {
            Assert.SkipWhen(Executable() is null, "redis-server is not on the PATH.");
            return _started.Value.Port;
        }
    }

    public void Dispose()
    {
        if (_started.IsValueCreated)
        {
            _started.Value.Process.Kill();
            _started.Value.Process.WaitForExit();
            _started.Value.Process.Dispose();
            _started.Value.Folder.Dispose();
        }
    }

    private static string? Executable() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "redis-server"))
        .FirstOrDefault(File.Exists);

    private static (Process Process, int Port, TemporaryFolder Folder) Start()
    {
        var folder = new TemporaryFolder();
        var port = FreePort();
        var start = new ProcessStartInfo(Executable()!)
        {
            ArgumentList =
            {
                "--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder.Path, "--save", "", "--appendonly", "yes", "--appendfsync", "always",
            },
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var log = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            log.Add(line);
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return (process, port, folder);
            }
        }

        throw new InvalidOperationException($"redis-server ended: {string.Join('\n', log)}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
