using System.Diagnostics;
using System.Globalization;
using Vallum.Storage.Tests.Backends;
using Xunit;

[assembly: AssemblyFixture(typeof(RedisServer))]

namespace Vallum.Storage.Tests.Backends;

/// <summary>A real redis-server of the tests' own, which syncs its log at every write; started when the first test asks for it.</summary>
public sealed class RedisServer : IDisposable
{
    private const int Attempts = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly Lock _gate = new();
    private Process? _process;
    private int _port;

    /// <summary>The port on the loopback address; skips the test where there is no redis-server.</summary>
    public int Port
    {
        get
        {
            Assert.SkipWhen(Executable() is null, "redis-server is not on the PATH.");
            lock (_gate)
            {
                return _process is null ? StartAnywhere() : _port;
            }
        }
    }

    /// <summary>Freezes the server, as a machine that hangs: connections stand, and nothing is answered.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    /// <summary>Ends the server without warning and starts it again over what it has written, at the same port.</summary>
    public void Restart()
    {
        End();
        if (!TryStart(_port, out var log))
        {
            throw new InvalidOperationException($"redis-server did not come back: {log}");
        }
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            End();
        }

        _folder.Dispose();
    }

    private static string? Executable() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "redis-server"))
        .FirstOrDefault(File.Exists);

    /// <summary>Between the choice of a port and its use somebody else may take it.</summary>
    private int StartAnywhere()
    {
        for (var attempt = 1; ; attempt++)
        {
            _port = FreePort.Next();
            if (TryStart(_port, out var log))
            {
                return _port;
            }

            if (attempt == Attempts)
            {
                throw new InvalidOperationException($"redis-server did not start: {log}");
            }
        }
    }

    private bool TryStart(int port, out string log)
    {
        var start = new ProcessStartInfo(Executable()!)
        {
            ArgumentList =
            {
                "--port", $"{port}", "--bind", "127.0.0.1", "--dir", _folder.Path, "--save", "", "--appendonly", "yes", "--appendfsync", "always",
            },
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        var lines = new List<string>();
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = _process.StandardOutput.ReadToEndAsync();
                log = "";
                return true;
            }
        }

        log = string.Join('\n', lines);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
        return false;
    }

    private void End()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
