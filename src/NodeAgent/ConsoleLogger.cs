using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Vallum.NodeAgent;

/// <summary>One line per event, as journald likes it: time, level, words.</summary>
internal sealed class ConsoleLogger(TextWriter output, TimeProvider time) : ILogger
{
    private readonly Lock _oneAtATime = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        // A tool's words may have several lines; the event is one.
        var words = formatter(state, exception).ReplaceLineEndings(" | ");
        lock (_oneAtATime)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {logLevel.ToString().ToLowerInvariant(),-11} {words}"));
        }
    }
}
