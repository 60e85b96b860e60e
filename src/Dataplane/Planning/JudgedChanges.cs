using Vallum.Dataplane.Reading;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// What a COMMIT changes beside the members: local addresses that are judged otherwise than before, by the sets that the old and the new chains of
/// theirs name, and what is said of all addresses.
/// </summary>
internal sealed class JudgedChanges
{
    private readonly Dictionary<string, HashSet<Address>> _old = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<Address>> _new = new(StringComparer.Ordinal);
    private readonly Address[] _changed;

    /// <param name="sets">Those to ask for.</param>
    public JudgedChanges(TableReading before, TableReading after, IEnumerable<string> sets)
    {
        var (from, to) = (before.Dispatch, after.Dispatch);
        SharedDiffers = from.Shared != to.Shared;
        Tightens = !to.Gates.All(from.Gates.Contains);
        Loosens = !from.Gates.All(to.Gates.Contains);
        _changed =
        [
            .. from.Locals.Keys.Union(to.Locals.Keys)
                .Where(a => from.Locals.GetValueOrDefault(a)?.Text != to.Locals.GetValueOrDefault(a)?.Text).Order(),
        ];
        foreach (var set in sets)
        {
            _old[set] = Naming(before, set);
            _new[set] = Naming(after, set);
        }
    }

    /// <summary>A rule that concerns all packets, and no gate, comes, goes or moves.</summary>
    public bool SharedDiffers { get; }

    /// <summary>A gate comes: packets may be denied from the COMMIT on.</summary>
    public bool Tightens { get; }

    public bool Loosens { get; }

    public IEnumerable<Address> In(Cidr block)
    {
        var at = Array.BinarySearch(_changed, block.Base);
        for (at = at < 0 ? ~at : at; at < _changed.Length && block.Contains(_changed[at]); at++)
        {
            yield return _changed[at];
        }
    }

    /// <summary>The changed addresses whose chains name the set before the COMMIT.</summary>
    public HashSet<Address> NamedBefore(string set) => _old[set];

    /// <summary>The changed addresses whose chains name the set after the COMMIT.</summary>
    public HashSet<Address> NamedAfter(string set) => _new[set];

    private HashSet<Address> Naming(TableReading table, string set)
    {
        var chains = table.Uses(set).Where(u => u.Effect != RuleEffect.None).Select(u => u.Chain).ToHashSet(StringComparer.Ordinal);
        return [.. _changed.Where(a => table.Dispatch.Locals.GetValueOrDefault(a) is { } judged && judged.Chains.Overlaps(chains))];
    }
}
