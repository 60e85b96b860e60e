using Microsoft.Extensions.Logging;

namespace Vallum.NodeAgent.Conntrack;

internal static partial class RevocationLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Ended {Flows} flows that are no longer allowed, in {Elapsed}")]
    public static partial void Ended(ILogger logger, int flows, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Flows that are no longer allowed cannot be ended, they go on until they end by themselves: {Words}")]
    public static partial void NotPossible(ILogger logger, string words);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This kernel takes no holds: a flow that was ended may come back by what the other side sends ({Words})")]
    public static partial void NoHolds(ILogger logger, string words);
}
