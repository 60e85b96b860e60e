using System.Net;

namespace Vallum.Chaos.Processes;

/// <summary>
/// One silo under supervision, as on a real machine: a process that ends by itself is started again. Its addresses stay the same.
/// </summary>
internal sealed class SiloServer : IDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RestartAfter = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _admin;
    private readonly string[] _arguments;
    private readonly string _log;
    private readonly Lock _gate = new();
    private Child? _child;
    private bool _held;

    /// <param name="gateway">Where Orleans clients come in; null: nowhere.</param>
    public SiloServer(int number, int port, int adminPort, IEnumerable<string> shared, string folder, IPEndPoint? gateway = null)
    {
        Number = number;
        Gateway = gateway;
        Address = new Uri($"http://127.0.0.1:{port}");
        _admin = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{adminPort}"), Timeout = TimeSpan.FromSeconds(2) };
        _arguments = ["--listen", $"127.0.0.1:{port}", "--admin-listen", $"127.0.0.1:{adminPort}", .. shared, .. gateway is null ? (string[])[] : ["--gateway-listen", $"{gateway}"]];
        _log = Path.Combine(folder, $"silo-{number}.log");
    }

    public int Number { get; }

    public Uri Address { get; }

    /// <summary>Where Orleans clients come in; null: nowhere.</summary>
    public IPEndPoint? Gateway { get; }

    public int? ProcessId => _child is { HasExited: false } child ? child.Id : null;

    /// <summary>Times that it ended without being told to, and was started again.</summary>
    public int Failures { get; private set; }

    public void Start()
    {
        lock (_gate)
        {
            _held = false;
            _child?.Dispose();
            _child = Child.Start(Programs.Silo, _arguments, _log);
        }
    }

    /// <summary>Starts it again whenever it ends by itself, until cancelled.</summary>
    public async Task SuperviseAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(RestartAfter, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
            {
                if (!_held && _child is { HasExited: true } && !cancellationToken.IsCancellationRequested)
                {
                    Failures++;
                    _child.Dispose();
                    _child = Child.Start(Programs.Silo, _arguments, _log);
                }
            }
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            _held = true;
            _child?.Dispose();
        }
    }

    /// <summary>SIGSTOP: everything of it stands, its connections stay open.</summary>
    public void Freeze() => _child?.Send(Signal.Stop);

    public void Thaw() => _child?.Send(Signal.Continue);

    /// <summary>SIGTERM, and its exit code.</summary>
    /// <exception cref="OperationCanceledException">It did not end.</exception>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        Child? child;
        lock (_gate)
        {
            (_held, child) = (true, _child);
        }

        if (child is null)
        {
            return 0;
        }

        child.Send(Signal.Terminate);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StopWithin);
        await child.EndAsync(limit.Token);
        return child.ExitCode;
    }

    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartWithin);
        while (!await IsReadyAsync(limit.Token))
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"silo {Number} was not ready within {StartWithin.TotalSeconds} s; see {_log}");
            }

            await Task.Delay(50, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task<string> MetricsAsync(CancellationToken cancellationToken) => _admin.GetStringAsync("/metrics", cancellationToken);

    public void Dispose()
    {
        Kill();
        _admin.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _admin.GetAsync("/readyz", cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
