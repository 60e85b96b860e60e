using System.Diagnostics;
using System.Text.RegularExpressions;
using Grpc.Net.Client;
using Xunit;

namespace Vallum.Storage.Tests.Processes;

/// <summary>A silo as a process of its own, on free ports.</summary>
internal sealed partial class RunningSilo : IAsyncDisposable
{
    // A machine that is busy with many tests.
    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private RunningSilo(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public GrpcChannel Channel { get; private set; } = null!;

    /// <summary>What it has said on both streams.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Returns when it says that it is up.</summary>
    public static async Task<RunningSilo> StartAsync(params string[] arguments)
    {
        var silo = Launch(arguments);
        var address = await Task.WhenAny(silo._address.Task, silo._reading).WaitAsync(StartWithin, TestContext.Current.CancellationToken) == silo._address.Task
            ? await silo._address.Task
            : throw new InvalidOperationException($"The silo ended: {silo.Output}");
        silo.Channel = GrpcChannel.ForAddress(address);
        return silo;
    }

    /// <summary>Starts it and does not wait for anything.</summary>
    public static RunningSilo Launch(params string[] arguments) => new(Process.Start(new ProcessStartInfo(
        "dotnet",
        [Path.Combine(AppContext.BaseDirectory, "vallum-silo.dll"), "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["VALLUM_MEMBERSHIP__ROW_GONE"] = "00:00:01" },
    })!);

    /// <summary>Ends it without warning, as kill -9 does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <returns>The exit code, once it has ended by itself.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(StartWithin, TestContext.Current.CancellationToken);
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Channel?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.Add(line);
            }

            if (Listening().Match(line) is { Success: true } match)
            {
                _address.TrySetResult(match.Groups[1].Value);
            }
        }
    }

    [GeneratedRegex(@"is up\. gRPC (http://\S+),")]
    private static partial Regex Listening();
}
