using System.Diagnostics;

namespace Vallum.Chaos.Processes;

/// <summary>A process of this run. What it writes goes to a file.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _writing = new();
    private bool _disposed;

    private Child(Process process, StreamWriter log) => (_process, _log) = (process, log);

    public int Id => _process.Id;

    public bool HasExited => _disposed || _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <param name="log">Appended to.</param>
    public static Child Start(string program, IEnumerable<string> arguments, string log)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var child = new Child(new Process { StartInfo = start, EnableRaisingEvents = true }, new StreamWriter(log, append: true) { AutoFlush = true });
        child._process.OutputDataReceived += (_, line) => child.Write(line.Data);
        child._process.ErrorDataReceived += (_, line) => child.Write(line.Data);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    public void Send(Signal signal)
    {
        if (!HasExited)
        {
            Signals.Send(Id, signal);
        }
    }

    public Task EndAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Ends it with SIGKILL if it still runs.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        Send(Signal.Kill);
        _process.WaitForExit();
        _disposed = true;
        _process.Dispose();
        lock (_writing)
        {
            _log.Dispose();
        }
    }

    private void Write(string? line)
    {
        lock (_writing)
        {
            if (line is not null && _log.BaseStream is not null)
            {
                _log.WriteLine(line);
            }
        }
    }
}
