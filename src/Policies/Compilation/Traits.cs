using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;

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
    public IReadOnlyCollection<Query> Queries { get; set; } = [];

    public FewSet<PlacedEndpoint> Endpoints { get; } = new();

    /// <summary>One per list of named ports among the endpoints that are bound.</summary>
    public FewSet<Profile> Profiles { get; } = new();

    /// <summary>The group parts that the endpoints are members of.</summary>
    public FewSet<GroupPart> Parts { get; } = new();

    /// <summary>The policies that select these endpoints, each once.</summary>
    public IEnumerable<CompiledPolicy> Policies => Subject(out var only) ? only?.Policies ?? [] : Queries.SelectMany(q => q.Policies).Distinct();

    /// <summary>The entries of those policies. Traits that the same one selector picks for the same policies share one list.</summary>
    public ImmutableArray<ResourceEntry> InForce => Subject(out var only) ? only?.InForce ?? [] : [.. Policies.SelectMany(p => p.InForce)];

    /// <summary>True: at most one of the queries is in a policy's subject, <paramref name="only"/>.</summary>
    private bool Subject(out Query? only)
    {
        only = null;
        foreach (var query in Queries)
        {
            if (query.Policies.Count > 0)
            {
                if (only is not null)
                {
                    return false;
                }

                only = query;
            }
        }

        return true;
    }
}

/// <summary>Compared by content. <see cref="Segments"/> are sorted and unique.</summary>
internal readonly record struct TraitsKey(ImmutableArray<SegmentName> Segments, LabelSet Labels)
{
    public bool Equals(TraitsKey other) => Labels.Equals(other.Labels) && Segments.SequenceEqual(other.Segments);

    public override int GetHashCode() => HashCode.Combine(Labels, Segments.Length, Segments.IsEmpty ? default : Segments[0]);
}
