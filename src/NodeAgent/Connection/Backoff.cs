namespace Vallum.NodeAgent.Connection;

/// <summary>
/// Full jitter: a random time below a limit that doubles with each failure, so that 10,000 agents of a silo that died do not come back as one.
/// </summary>
internal sealed class Backoff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    // After a refusal (another agent serves this node, a certificate for another one, no protocol in common) somebody has to do something first.
    private static readonly TimeSpan RefusedAtLeast = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RefusedAtMost = TimeSpan.FromSeconds(30);

    private int _failures;

    public void Reset() => _failures = 0;

    public TimeSpan Next()
    {
        var limit = First * Math.Pow(2, Math.Min(_failures++, 10));
        return random.NextDouble() * (limit < Longest ? limit : Longest);
    }

    public TimeSpan AfterRefusal() => RefusedAtLeast + (random.NextDouble() * (RefusedAtMost - RefusedAtLeast));
}
