using System.Collections.Immutable;

namespace Vallum.Silo.Storage.Log;

/// <summary>Changes that happen together or not at all, under one revision.</summary>
[GenerateSerializer, Immutable, Alias("vallum.log.batch")]
internal sealed record Batch
{
    /// <summary>Greater than that of every batch before it.</summary>
    [Id(0)]
    public long Revision { get; init; }

    [Id(1)]
    public DateTimeOffset Time { get; init; }

    /// <summary>Who asked for it.</summary>
    [Id(2)]
    public string Actor { get; init; } = "";

    /// <summary>What the caller names the request, so that a retry is answered and not done again; null when it gave no name.</summary>
    [Id(3)]
    public string? RequestId { get; init; }

    /// <summary>What a retry of the request is answered.</summary>
    [Id(4)]
    public ReadOnlyMemory<byte> Outcome { get; init; }

    [Id(5)]
    public ImmutableArray<ObjectChange> Changes { get; init; } = [];

    /// <summary>About how many bytes the batch takes in a row.</summary>
    public int Bytes
    {
        get
        {
            var bytes = 96 + Actor.Length + (RequestId?.Length ?? 0) + Outcome.Length;
            foreach (var change in Changes)
            {
                bytes += change.Bytes;
            }

            return bytes;
        }
    }

    public bool Equals(Batch? other) =>
        other is not null
        && (Revision, Time, Actor, RequestId) == (other.Revision, other.Time, other.Actor, other.RequestId)
        && Outcome.Span.SequenceEqual(other.Outcome.Span)
        && Changes.AsSpan().SequenceEqual(other.Changes.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Revision, RequestId, Changes.Length);
}

/// <summary>What becomes of one object: its next state, or null when it is deleted.</summary>
[GenerateSerializer, Immutable, Alias("vallum.log.change")]
internal sealed record ObjectChange
{
    [Id(0)]
    public int Kind { get; init; }

    [Id(1)]
    public string Name { get; init; } = "";

    [Id(2)]
    public StoredObject? Object { get; init; }

    /// <summary>The state that ends with the change, for the history; null when there was none, or the owner leaves it out.</summary>
    [Id(3)]
    public StoredObject? Before { get; init; }

    public ObjectKey Key => new(Kind, Name);

    /// <summary>About how many bytes the change takes in a row.</summary>
    public int Bytes => BytesOfNext + (Before?.Bytes ?? 0);

    /// <summary>About how many bytes the object's next state takes in a row, with its name.</summary>
    public int BytesOfNext => 32 + Name.Length + (Object?.Bytes ?? 0);

    public static ObjectChange Put(ObjectKey key, StoredObject next) => new() { Kind = key.Kind, Name = key.Name, Object = next };

    public static ObjectChange Delete(ObjectKey key) => new() { Kind = key.Kind, Name = key.Name };
}
