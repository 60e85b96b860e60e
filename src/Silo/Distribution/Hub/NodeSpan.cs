namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// What one node must hold: everything that can be reached from its roots by following references (binding → profile → policy rules → group).
/// Counted, so that a change costs what it changes. References never form a circle.
/// Law: after <see cref="Settle"/> the members are exactly what is reachable, provided that every change of a member's references was told by
/// <see cref="Adjust"/> when it happened.
/// </summary>
internal sealed class NodeSpan<T>
    where T : notnull
{
    // Nobody adds to what Settle answers.
    private static readonly HashSet<T> Nothing = [];

    private const int MostIdle = 64;

    private readonly Dictionary<T, int> _counts = [];
    private readonly HashSet<T> _members = [];
    private readonly HashSet<T> _touched = [];

    /// <summary>As of the last <see cref="Settle"/>.</summary>
    public IReadOnlyCollection<T> Members => _members;

    public bool Contains(T resource) => _members.Contains(resource);

    /// <summary>References that a member (or the node itself, for its roots) has gained or lost. Takes effect with <see cref="Settle"/>.</summary>
    public void Adjust(IEnumerable<T> gained, IEnumerable<T> lost)
    {
        foreach (var resource in gained)
        {
            Count(resource, 1);
        }

        foreach (var resource in lost)
        {
            Count(resource, -1);
        }
    }

    /// <summary>Lets in what is now referred to and puts out what no longer is, with all that follows from it.</summary>
    /// <param name="references">What a resource refers to now.</param>
    /// <returns>What came and what went; nothing is in both.</returns>
    public (HashSet<T> Entered, HashSet<T> Left) Settle(Func<T, IEnumerable<T>> references)
    {
        if (_touched.Count == 0)
        {
            return (Nothing, Nothing);
        }

        var (entered, left) = (new HashSet<T>(), new HashSet<T>());
        while (_touched.Count > 0)
        {
            var round = _touched.ToArray();
            _touched.Clear();
            foreach (var resource in round)
            {
                var wanted = _counts.ContainsKey(resource);
                if (wanted && _members.Add(resource))
                {
                    Note(resource, entered, left);
                    Adjust(references(resource), []);
                }
                else if (!wanted && _members.Remove(resource))
                {
                    Note(resource, left, entered);
                    Adjust([], references(resource));
                }
            }
        }

        if (_touched.Capacity > MostIdle)
        {
            // A first snapshot touches everything at once; single changes a few.
            _touched.TrimExcess();
        }

        return (entered, left);
    }

    private static void Note(T resource, HashSet<T> into, HashSet<T> insteadOf)
    {
        if (!insteadOf.Remove(resource))
        {
            into.Add(resource);
        }
    }

    // A count may pass below zero inside one change, when the loss is told before the gain.
    private void Count(T resource, int change)
    {
        var count = _counts.GetValueOrDefault(resource) + change;
        if (count == 0)
        {
            _counts.Remove(resource);
        }
        else
        {
            _counts[resource] = count;
        }

        _touched.Add(resource);
    }
}
