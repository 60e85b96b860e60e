using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Reading;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// What one family's sets and rules become. A set that rules name only afterwards changes before the COMMIT, one that they name only before it
/// changes after it, and nobody sees either; the rest changes in place where there is an order for it, else by a detour.
/// </summary>
internal sealed class FamilyChange
{
    // Members, from which on a set that at least doubles is made anew before they come: a doubling costs some 10 ms, and a member 1 µs.
    private const int MuchGrowth = 1_000;

    private readonly IpFamily _family;
    private readonly KernelState _there;
    private readonly KernelState _wanted;
    private readonly OperationList _early = new();
    private readonly OperationList _late = new();
    private readonly List<SetChange> _seen = [];
    private readonly List<KernelSet> _taken = [];
    private readonly List<KernelSet> _shrunk = [];
    private readonly List<string> _drops = [];
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

    public FamilyChange(IpFamily family, KernelState there, KernelState wanted, IEnumerable<(KernelSet? There, KernelSet Wanted)> sets)
    {
        (_family, _there, _wanted) = (family, there, wanted);
        FirstCommit = RuleChanges.Text(Rules, wanted.Rules(family));
        foreach (var (from, to) in sets)
        {
            Sort(from, to);
        }

        if (_taken.Count > 0 || !ChangesInPlace())
        {
            TakeDetour();
        }

        foreach (var set in _shrunk)
        {
            Exchange(set, _late);
        }

        Early = _early.Close();
        Late = _late.Close();
    }

    public IpFamily Family => _family;

    /// <summary>Before the first COMMIT.</summary>
    public ImmutableArray<SetOperation> Early { get; }

    /// <summary>Empty when no rule changes.</summary>
    public string FirstCommit { get; private set; }

    /// <summary>Sets of a type that is not ours under names of ours, which no rule names after the first COMMIT; to be dropped before <see cref="Late"/>.</summary>
    public IEnumerable<string> Taken => _taken.Select(s => s.Name);

    public ImmutableArray<SetOperation> Late { get; }

    public string SecondCommit { get; private set; } = "";

    /// <summary>Temporary sets that are to be dropped at the end.</summary>
    public IReadOnlyCollection<string> Drops => _drops;

    /// <summary>Names that were there and are not any more before the end.</summary>
    public IReadOnlySet<string> Gone => _gone;

    private RuleTable Rules => _there.Rules(_family);

    private TableReading Before => Rules.Reading;

    private TableReading After => FirstCommit.Length == 0 ? Before : _wanted.Rules(_family).Reading;

    private void Sort(KernelSet? from, KernelSet to)
    {
        if (from is null)
        {
            _early.Create(to);
            return;
        }

        if (from.Type != to.Type || from.Family != to.Family)
        {
            // Somebody took our name.
            if (Before.Names(to.Name))
            {
                _taken.Add(to);
            }
            else
            {
                _early.Add(new SetOperation.Destroy(to.Name));
                _early.Create(to);
            }

            return;
        }

        var change = new SetChange(from, to);
        if (from.MaxMembers != to.MaxMembers)
        {
            if (from.Members.Count + change.Grow.Length <= to.MaxMembers)
            {
                Exchange(to with { Members = from.Members, Expected = to.Members.Count }, _early);
            }
            else
            {
                _shrunk.Add(to);
            }
        }
        else if (change.Grow.Length >= Math.Max(MuchGrowth, from.Members.Count))
        {
            // As full as it is, and with room for what comes: nobody sees the difference, and no doubling of it is waited for.
            Exchange(to with { Members = from.Members, Expected = to.Members.Count }, _early);
        }

        if (change.Count == 0)
        {
            return;
        }

        if (FirstCommit.Length > 0 && !Before.Names(to.Name))
        {
            _early.Add(to.Name, change.Steps);
        }
        else if (FirstCommit.Length > 0 && !After.Names(to.Name))
        {
            _late.Add(to.Name, change.Steps);
        }
        else
        {
            _seen.Add(change);
        }
    }

    private bool ChangesInPlace()
    {
        // One step is one step: the way of 1 member into 100,000 ends here.
        if (FirstCommit.Length == 0 && _seen.Sum(s => s.Count) <= 1)
        {
            foreach (var change in _seen)
            {
                _early.Add(change.Name, change.Steps);
            }

            return true;
        }

        if (_seen.Count == 0)
        {
            return true;
        }

        var gates = new GateSteps([.. _seen.Where(s => s.Wanted.IsGate)], _there, _wanted, Before, After);
        ImmutableArray<SetChange> others = [.. _seen.Where(s => !s.Wanted.IsGate)];
        if (gates.Moved > 1 || (gates.Moved == 1 && (FirstCommit.Length > 0 || others.Length > 0)))
        {
            return false;
        }

        var plan = others.IsEmpty ? null : InPlace.Of(others, Before, After, Unknown(_there, Before), Unknown(_wanted, After));
        if (plan is null && !others.IsEmpty)
        {
            return false;
        }

        gates.WriteFirst(_early);
        plan?.WriteEarly(_early);
        plan?.WriteLate(_late);
        gates.WriteLast(_late);
        return true;
    }

    private void TakeDetour()
    {
        var detour = new Detour(_family, _there, Before);
        foreach (var set in _seen.Select(s => s.Wanted).Concat(_taken))
        {
            detour.Stand(set, _early);
        }

        var wanted = _wanted.Rules(_family);
        var between = detour.Rules(wanted);
        FirstCommit = RuleChanges.Text(Rules, between);
        SecondCommit = RuleChanges.Text(between, wanted);
        _drops.AddRange(detour.Names);
        foreach (var change in _seen)
        {
            _late.Add(change.Name, change.Steps);
        }

        foreach (var set in _taken)
        {
            _gone.Add(set.Name);
            _late.Create(set);
        }
    }

    /// <summary>Makes the set anew, as it is to be, and swaps it in under the rules that name it: seen as a change of its members in one instant.</summary>
    private void Exchange(KernelSet set, OperationList operations)
    {
        var name = new Detour(_family, _there, Before).Free($"{set.Name} anew");
        if (_there.Sets.ContainsKey(name))
        {
            operations.Add(new SetOperation.Destroy(name));
            _gone.Add(name);
        }

        operations.Create(set with { Name = name });
        operations.Add(new SetOperation.Swap(set.Name, name));
        operations.Add(new SetOperation.Destroy(name));
    }

    private Predicate<Address> Unknown(KernelState state, TableReading table)
    {
        var known = new Lazy<KnownAddresses>(() =>
            new KnownAddresses(state, table, name => _wanted.Sets.TryGetValue(name, out var set) && set.IsGate));
        return address => known.Value.Lacks(address);
    }
}
