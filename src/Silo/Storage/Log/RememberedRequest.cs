namespace Vallum.Silo.Storage.Log;

/// <summary>A request that was done, and what a retry of it is answered.</summary>
[GenerateSerializer, Immutable, Alias("vallum.log.request")]
internal sealed record RememberedRequest
{
    [Id(0)]
    public string RequestId { get; init; } = "";

    [Id(1)]
    public long Revision { get; init; }

    [Id(2)]
    public DateTimeOffset Time { get; init; }

    [Id(3)]
    public ReadOnlyMemory<byte> Outcome { get; init; }

    /// <summary>About how many bytes it takes in a row.</summary>
    public int Bytes => 48 + RequestId.Length + Outcome.Length;

    public bool Equals(RememberedRequest? other) =>
        other is not null
        && (RequestId, Revision, Time) == (other.RequestId, other.Revision, other.Time)
        && Outcome.Span.SequenceEqual(other.Outcome.Span);

    public override int GetHashCode() => HashCode.Combine(RequestId, Revision);
}
