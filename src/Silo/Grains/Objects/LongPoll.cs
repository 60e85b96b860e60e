namespace Vallum.Silo.Grains.Objects;

/// <summary>How long a caller is kept waiting for a change.</summary>
internal static class LongPoll
{
    /// <summary>The longest wait that is granted; a caller that asks for more polls again. Well below Orleans' 30 s for an answer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    public static TimeSpan Grant(TimeSpan asked) => asked < TimeSpan.Zero ? TimeSpan.Zero : asked > Longest ? Longest : asked;
}
