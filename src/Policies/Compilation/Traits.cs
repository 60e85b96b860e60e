using System.Collections.Frozen;
using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Policies.Compilation;

/// <summary>
/// What a selector can see of an endpoint, its segments and its labels, once for all endpoints that look alike to every selector.
/// </summary>
internal sealed class Traits(TraitsKey key)
{
    public TraitsKey Key { get; } = key;

    public ImmutableArray<SegmentName> Segments => Key.Segments;

    public LabelSet Labels => Key.Labels;

    /// <summary>The queries that pick these traits; kept true by the index.</summary>
    public IReadOnlySet<Query> Queries { get; set; } = FrozenSet<Query>.Empty;

    public HashSet<PlacedEndpoint> Endpoints { get; } = [];

    /// <summary>One per list of named ports among the endpoints that are bound.</summary>
    public HashSet<Profile> Profiles { get; } = [];

    /// <summary>The group parts that the endpoints are members of.</summary>
    public HashSet<GroupPart> Parts { get; } = [];

    /// <summary>The policies that select these endpoints, each once.</summary>
    public IEnumerable<CompiledPolicy> Policies => Queries.SelectMany(q => q.Policies).Distinct();
}

/// <summary>Compared by content. <see cref="Segments"/> are sorted and unique.</summary>
internal readonly record struct TraitsKey(ImmutableArray<SegmentName> Segments, LabelSet Labels)
{
    public bool Equals(TraitsKey other) => Labels.Equals(other.Labels) && Segments.SequenceEqual(other.Segments);

    public override int GetHashCode() => HashCode.Combine(Labels, Segments.Length, Segments.IsEmpty ? default : Segments[0]);
}
