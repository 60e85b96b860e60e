using System.Net;

namespace Vallum.Silo.Security.Callers;

/// <summary>What an operator wants to know of who was turned away.</summary>
internal static partial class CallerLog
{
    [LoggerMessage(EventId = 1512, Level = LogLevel.Warning, Message = "{Method} from {Address} is refused: {Words} ({Reason})")]
    public static partial void Unknown(ILogger logger, string method, IPAddress? address, string words, string reason);

    [LoggerMessage(EventId = 1513, Level = LogLevel.Warning, Message = "{Method} of {Caller} is refused: {Words}")]
    public static partial void Forbidden(ILogger logger, string method, string caller, string words);
}
