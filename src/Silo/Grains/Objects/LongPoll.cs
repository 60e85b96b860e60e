namespace Vallum.Silo.Grains.Objects;

/// <summary>How long a caller is kept waiting for a change.</summary>
internal static class LongPoll
{
    /// <summary>The longest wait that is granted; a caller that asks for more polls again. Well below Orleans' 30 s for an answer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Who asks one that is ending is kept this long all the same: else it would ask again and again until the end.</summary>
    private static readonly TimeSpan AtTheEnd = TimeSpan.FromMilliseconds(100);

    /// <summary>A wait ends with its caller, and when what it waits in ends.</summary>
    public static CancellationTokenSource Waiting(CancellationToken caller, params ReadOnlySpan<CancellationToken> endings)
    {
        foreach (var ending in endings)
        {
            if (ending.IsCancellationRequested)
            {
                var last = CancellationTokenSource.CreateLinkedTokenSource(caller);
                last.CancelAfter(AtTheEnd);
                return last;
            }
        }

        return CancellationTokenSource.CreateLinkedTokenSource([caller, .. endings]);
    }

    public static TimeSpan Grant(TimeSpan asked) => asked < TimeSpan.Zero ? TimeSpan.Zero : asked > Longest ? Longest : asked;
}
