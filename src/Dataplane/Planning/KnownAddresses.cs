using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Reading;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>Which addresses a state's gates know as those of this node's endpoints, as far as its rules ask for that.</summary>
internal sealed class KnownAddresses
{
    private readonly HashSet<Cidr>? _known;

    /// <param name="isGate">Whether a set of that name is one.</param>
    public KnownAddresses(KernelState state, TableReading table, Predicate<string> isGate)
    {
        var gates = table.Gates.Union(table.Dispatch.SharedSets).Where(name => isGate(name) && state.Sets.ContainsKey(name))
            .Select(name => state.Sets[name]).ToArray();
        if (gates.Any(g => g.Type == SetType.Net))
        {
            _known = [.. gates.SelectMany(g => g.Members).Select(m => m.Net)];
        }
    }

    /// <summary>True only where it is certain: without a set of all of them, an endpoint that nothing is said of looks like a stranger.</summary>
    public bool Lacks(Address address) => _known is not null && !_known.Contains(Cidr.Host(address));
}
