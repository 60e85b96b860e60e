using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>The differences of lists that one rendering asks for, each found once.</summary>
internal sealed class ListDifferences
{
    // One change of a profile is asked for by both directions, and by whoever shares its list.
    private readonly Dictionary<(ImmutableArray<PolicyInForce>, ImmutableArray<PolicyInForce>), ListDifference> _known = [];

    public ListDifference Between(ImmutableArray<PolicyInForce> from, ImmutableArray<PolicyInForce> to)
    {
        if (!_known.TryGetValue((from, to), out var difference))
        {
            difference = ListDifference.Between(from, to);
            _known.Add((from, to), difference);
        }

        return difference;
    }
}
