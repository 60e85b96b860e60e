using System.Net;

namespace Vallum.Silo.Security.Callers;

/// <summary>What an operator wants to know of who was turned away; ten lines a second at most, since whoever knocks decides how often.</summary>
internal sealed partial class CallerLog(TimeProvider time, ILogger<CallerLog> logger)
{
    private const int LinesPerSecond = 10;

    private readonly Lock _lock = new();
    private long _second;
    private int _lines;
    private int _untold;

    public void Unknown(string method, IPAddress? address, string words, string reason)
    {
        if (IsWorthALine())
        {
            LogUnknown(method, address, words, reason);
        }
    }

    public void Forbidden(string method, string caller, string words)
    {
        if (IsWorthALine())
        {
            LogForbidden(method, caller, words);
        }
    }

    private bool IsWorthALine()
    {
        int untold;
        lock (_lock)
        {
            var second = time.GetUtcNow().ToUnixTimeSeconds();
            if (second == _second && _lines == LinesPerSecond)
            {
                _untold++;
                return false;
            }

            (_lines, untold, _untold) = second == _second ? (_lines + 1, 0, _untold) : (1, _untold, 0);
            _second = second;
        }

        if (untold > 0)
        {
            LogUntold(untold);
        }

        return true;
    }

    [LoggerMessage(EventId = 1512, Level = LogLevel.Warning, Message = "{Method} from {Address} is refused: {Words} ({Reason})")]
    private partial void LogUnknown(string method, IPAddress? address, string words, string reason);

    [LoggerMessage(EventId = 1513, Level = LogLevel.Warning, Message = "{Method} of {Caller} is refused: {Words}")]
    private partial void LogForbidden(string method, string caller, string words);

    [LoggerMessage(EventId = 1515, Level = LogLevel.Warning, Message = "{Count} more calls were refused")]
    private partial void LogUntold(int count);
}
