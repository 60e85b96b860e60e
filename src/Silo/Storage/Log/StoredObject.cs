namespace Vallum.Silo.Storage.Log;

/// <summary>The name of an object within one log: its kind, a number that the log's owner gives a meaning, and its name within the kind.</summary>
internal readonly record struct ObjectKey(int Kind, string Name);

/// <summary>An object as the log keeps it: its bytes, which the log does not read, and what is known of its history.</summary>
[GenerateSerializer, Immutable, Alias("vallum.log.object")]
internal sealed record StoredObject
{
    [Id(0)]
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Differs between an object and a later one of the same name.</summary>
    [Id(1)]
    public string Uid { get; init; } = "";

    /// <summary>Counts the changes of what was asked for; the owner says which changes count.</summary>
    [Id(2)]
    public long Generation { get; init; }

    /// <summary>The revision of the batch that changed it last.</summary>
    [Id(3)]
    public long Revision { get; init; }

    [Id(4)]
    public DateTimeOffset CreateTime { get; init; }

    [Id(5)]
    public DateTimeOffset UpdateTime { get; init; }

    /// <summary>About how many bytes it takes in a row.</summary>
    public int Bytes => 64 + Content.Length + Uid.Length;

    public bool Equals(StoredObject? other) =>
        other is not null
        && (Uid, Generation, Revision, CreateTime, UpdateTime) == (other.Uid, other.Generation, other.Revision, other.CreateTime, other.UpdateTime)
        && Content.Span.SequenceEqual(other.Content.Span);

    public override int GetHashCode() => HashCode.Combine(Uid, Generation, Revision);
}
