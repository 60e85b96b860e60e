using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Vallum.Lab;

/// <summary>The signals a test sends; numbers of signal(7).</summary>
public enum ProcessSignal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>What to run on a host.</summary>
public sealed record ProcessSpec(string Program, params ImmutableArray<string> Arguments)
{
    /// <summary>Added to the environment of this process.</summary>
    public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Null: that of this process.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Every line of both outputs is appended to it as it comes; null: none.</summary>
    public string? LogFile { get; init; }
}

/// <summary>A process that runs in the namespace of a host, such as an agent on a node or a silo on the control host.</summary>
public sealed class LabProcess : IAsyncDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(200);

    private readonly LabHost _host;
    private readonly ProcessSpec _spec;
    private readonly Process _process;
    private readonly OutputLines _output;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _disposed;

    private LabProcess(LabHost host, ProcessSpec spec, Process process, OutputLines output)
    {
        _host = host;
        _spec = spec;
        _process = process;
        _output = output;
        Id = process.Id;
        process.Exited += (_, _) => _ended.TrySetResult();
        process.EnableRaisingEvents = true;
    }

    /// <summary>The process id: <c>ip netns exec</c> gives its own to the program.</summary>
    public int Id { get; }

    public bool HasExited => _process.HasExited;

    /// <exception cref="InvalidOperationException">It is still running.</exception>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines of both outputs, in the order they came.</summary>
    public string Output => _output.Last();

    internal static LabProcess Start(LabHost host, ProcessSpec spec)
    {
        var start = new ProcessStartInfo("ip", ["netns", "exec", host.Namespace, spec.Program, .. spec.Arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = spec.WorkingDirectory ?? "",
        };
        foreach (var (name, value) in spec.Environment)
        {
            start.Environment[name] = value;
        }
        var output = new OutputLines(spec.LogFile);
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => output.Add(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new LabProcess(host, spec, process, output);
    }

    /// <summary>The first line that holds <paramref name="text"/>, also one that came before the call.</summary>
    /// <exception cref="TimeoutException">It did not come in time, or the process ended; the message holds the output.</exception>
    public async Task<string> WaitForLineAsync(string text, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var line = _output.FindAsync(text, limit.Token);
        await Task.WhenAny(line, EndAsync(), Task.Delay(timeout, limit.Token));
        cancellationToken.ThrowIfCancellationRequested();
        var found = line.IsCompletedSuccessfully;
        await limit.CancelAsync();
        return found ? await line : throw new TimeoutException(Evidence($"did not write \"{text}\" within {timeout.TotalSeconds:f1} s"));
    }

    /// <summary>Waits until something of this host accepts TCP connections on the port, at any of its addresses or loopback.</summary>
    /// <exception cref="TimeoutException">Nothing did in time, or the process ended; the message holds the output.</exception>
    public async Task WaitForPortAsync(int port, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        IPAddress[] addresses = [IPAddress.Loopback, IPAddress.IPv6Loopback, .. _host.Addresses];
        while (!limit.IsCancellationRequested && !_process.HasExited)
        {
            foreach (var address in addresses)
            {
                if (await AcceptsAsync(new IPEndPoint(address, port)))
                {
                    return;
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        cancellationToken.ThrowIfCancellationRequested();
        throw new TimeoutException(Evidence($"did not listen on port {port} within {timeout.TotalSeconds:f1} s"));
    }

    /// <summary>Nothing happens to a process that has ended.</summary>
    public void Signal(ProcessSignal signal)
    {
        if (!_process.HasExited)
        {
            _ = Libc.Kill(Id, (int)signal);
        }
    }

    /// <summary>Asks it to end, waits, and returns its exit code.</summary>
    /// <exception cref="TimeoutException">It did not end in time and was killed; the message holds the output.</exception>
    public async Task<int> StopAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        Signal(ProcessSignal.Terminate);
        try
        {
            await EndAsync().WaitAsync(grace, cancellationToken);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            await KillAsync();
            throw new TimeoutException(Evidence($"did not end within {grace.TotalSeconds:f1} s of SIGTERM"));
        }
    }

    /// <summary>kill -9, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Signal(ProcessSignal.Kill);
        await EndAsync();
    }

    /// <summary>Waits for it to end by itself.</summary>
    /// <exception cref="TimeoutException">It did not; the message holds the output.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        try
        {
            await EndAsync().WaitAsync(timeout, cancellationToken);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(Evidence($"did not end by itself within {timeout.TotalSeconds:f1} s"));
        }
    }

    /// <summary>Ends it with SIGKILL if it still runs; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        await KillAsync();
        _process.Dispose();
        _output.Dispose();
    }

    /// <summary>
    /// Ends with the process, once its output is read; but a child of it may hold the output open, and is not waited for longer than
    /// <see cref="LastWords"/>.
    /// </summary>
    private async Task EndAsync()
    {
        await _ended.Task;
        using var limit = new CancellationTokenSource(LastWords);
        await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> AcceptsAsync(IPEndPoint endpoint)
    {
        try
        {
            using var socket = await _host.Thread.RunAsync(() => new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            await socket.ConnectAsync(endpoint, limit.Token);
            return true;
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private string Evidence(string what)
    {
        var state = _process.HasExited
            ? string.Create(CultureInfo.InvariantCulture, $"it ended with {_process.ExitCode}")
            : "it is still running";
        return $"`{_spec.Program} {string.Join(' ', _spec.Arguments)}` on {_host} {what}; {state}; it wrote:\n{Output}";
    }
}
