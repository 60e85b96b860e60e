using System.Collections.Concurrent;
using Vallum.Silo.Security.Access;

namespace Vallum.Silo.Security.Callers;

/// <summary>Streams to callers: who loses the right to what one shows, by another access file, loses the stream.</summary>
internal sealed partial class OpenStreams(SiloCredentials credentials, ILogger<OpenStreams> logger)
{
    private readonly ConcurrentDictionary<Open, byte> _open = [];
    private AccessTable? _judgedBy = credentials.Access?.Current;

    /// <summary>Until the answer is disposed of.</summary>
    public IDisposable Watch(HttpContext context)
    {
        var open = new Open(this, context, Caller.Of(context));
        _open[open] = 0;
        return open;
    }

    public void EndRefused()
    {
        if (credentials.Access?.Current is not { } table || table == _judgedBy)
        {
            return;
        }

        _judgedBy = table;
        foreach (var open in _open.Keys.Where(open => !AccessTable.RightsOf(table, open.Caller.Name, open.Caller.Groups).ReadsAllThat(open.Caller.Rights)))
        {
            LogEnded(open.Context.Request.Path, open.Caller.Name);
            open.Context.Abort();
        }
    }

    private sealed record Open(OpenStreams All, HttpContext Context, Caller Caller) : IDisposable
    {
        public void Dispose() => All._open.TryRemove(this, out _);
    }

    [LoggerMessage(EventId = 1514, Level = LogLevel.Warning, Message = "{Method} of {Caller} is ended: its role was taken back")]
    private partial void LogEnded(string method, string caller);
}
