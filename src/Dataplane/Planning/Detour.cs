using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Reading;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// Rules and members that change in one instant: the new rules come with names of temporary sets that hold what is wanted, the sets themselves change
/// where nobody looks, and a second COMMIT names them again. It costs as many members as the sets hold and a COMMIT more, and it is always right.
/// Stopped anywhere, it leaves a kernel from which the next plan is as strict: a temporary set that rules name is a set like another.
/// </summary>
internal sealed class Detour(IpFamily family, KernelState there, TableReading before)
{
    private readonly Dictionary<string, string> _temporary = new(StringComparer.Ordinal);

    /// <summary>The temporary sets' names, to be dropped at the end.</summary>
    public IEnumerable<string> Names => _temporary.Values;

    /// <summary>Makes a set of the wanted type and members that stands for the wanted one.</summary>
    public void Stand(KernelSet wanted, OperationList early)
    {
        var name = Free(wanted.Name);
        _temporary[wanted.Name] = name;
        if (there.Sets.ContainsKey(name))
        {
            early.Add(new SetOperation.Destroy(name));
        }

        early.Create(wanted with { Name = name });
    }

    /// <summary>The wanted rules, with the temporary names.</summary>
    public RuleTable Rules(RuleTable wanted)
    {
        var chains = wanted.Chains.ToBuilder();
        foreach (var chain in _temporary.Keys.SelectMany(wanted.Reading.Uses).Select(u => u.Chain).Distinct())
        {
            chains[chain] = [.. wanted.Chains[chain].Select(Renamed)];
        }

        return wanted with { Chains = chains.ToImmutable() };
    }

    /// <summary>The name of what stands for the set while it is exchanged; one that a kernel left half-way may still name is passed over.</summary>
    public string Free(string set)
    {
        for (var attempt = 0; ; attempt++)
        {
            var name = KernelNames.Set(family, "t", attempt == 0 ? set : $"{set} {attempt}");
            if (!before.Names(name))
            {
                return name;
            }
        }
    }

    private string Renamed(string rule)
    {
        foreach (var match in RuleParts.Of(rule).Sets)
        {
            if (_temporary.TryGetValue(match.Set, out var name))
            {
                rule = rule.Replace($"--match-set {match.Set} ", $"--match-set {name} ", StringComparison.Ordinal);
            }
        }

        return rule;
    }
}
