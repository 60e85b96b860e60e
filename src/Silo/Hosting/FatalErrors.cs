namespace Vallum.Silo.Hosting;

/// <summary>
/// What Orleans cannot go on after: foremost that the others have put this silo out, because it was frozen or cut off. It must not answer anybody any more,
/// so nothing is closed in order; but the operator gets a sentence and an exit code instead of a crash.
/// </summary>
internal sealed partial class FatalErrors(ILogger<FatalErrors> logger) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => exception is not ThreadAbortException;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        var words = context switch
        {
            null => exception?.Message ?? "it is not known why",
            // Orleans' own words go on with the whole table.
            _ when context.Contains("told I am dead", StringComparison.Ordinal) => "the other silos have put it out, since it was frozen or cut off; start it again",
            _ => context,
        };
        LogFatal(exception, words);
        Console.Error.WriteLine($"error: the silo cannot go on: {words}");
        Environment.Exit(SiloProcess.PutOut);
    }

    [LoggerMessage(EventId = 1013, Level = LogLevel.Critical, Message = "The silo cannot go on: {Words}")]
    private partial void LogFatal(Exception? exception, string words);
}
