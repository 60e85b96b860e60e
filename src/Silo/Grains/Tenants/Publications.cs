using System.Collections.Immutable;
using Vallum.Cluster.Compiled;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>What one commit, or one change of the operator's policies or of the hubs' wants, made of the tenant's resources. Empty is news too: nobody has to do anything for the revision.</summary>
internal sealed record Publication(long Sequence, ImmutableArray<CompiledDelta> Deltas)
{
    /// <summary>About what it takes in memory.</summary>
    public long Bytes { get; } = 64 + Deltas.Sum(delta =>
        128L + delta.Name.Length + (delta.Head?.Length ?? 0) + delta.Added.Sum(entry => entry.Length + 24) + delta.Removed.Sum(entry => entry.Length + 24));
}

/// <summary>The last publications, numbered without gaps; a cursor that they reach back to is answered by what came after it.</summary>
internal sealed class Publications
{
    /// <summary>A hub polls again within milliseconds: 1,024 publications behind means more than a second at the highest rate of one tenant.</summary>
    private const int Kept = 1024;

    /// <summary>Beyond this the whole is likely shorter than the difference; 4 MiB.</summary>
    private const long KeptBytes = 4 << 20;

    private readonly Queue<Publication> _ring = [];
    private long _bytes;

    /// <summary>Of the newest; 0 before the first.</summary>
    public long Sequence { get; private set; }

    /// <summary>The oldest cursor that is answered by differences.</summary>
    public long Oldest { get; private set; }

    public void Add(ImmutableArray<CompiledDelta> deltas)
    {
        var publication = new Publication(++Sequence, deltas);
        _ring.Enqueue(publication);
        _bytes += publication.Bytes;
        while (_ring.Count > Kept || (_bytes > KeptBytes && _ring.Count > 1))
        {
            Drop();
        }
    }

    /// <summary>A publication that nobody will ask for: the ring is empty after it.</summary>
    public void Skip()
    {
        Sequence++;
        Oldest = Sequence;
        _ring.Clear();
        _bytes = 0;
    }

    /// <summary>All deltas after a cursor, oldest first.</summary>
    public IEnumerable<CompiledDelta> After(long sequence) =>
        _ring.SkipWhile(publication => publication.Sequence <= sequence).SelectMany(publication => publication.Deltas);

    private void Drop()
    {
        var dropped = _ring.Dequeue();
        _bytes -= dropped.Bytes;
        Oldest = dropped.Sequence;
    }
}
