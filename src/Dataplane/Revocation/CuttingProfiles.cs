using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Revocation;

/// <summary>A state, and which of its profiles have a policy that ends what it revokes (<see cref="PolicyRules.CutRevoked"/>).</summary>
public sealed class CuttingProfiles
{
    public static readonly CuttingProfiles Empty = new(NodeState.Empty, [], []);

    // Names of rules that cut, whether a profile has them or not.
    private readonly ImmutableHashSet<string> _rules;

    private CuttingProfiles(NodeState state, ImmutableHashSet<string> rules, ImmutableHashSet<string> profiles)
    {
        State = state;
        _rules = rules;
        Profiles = profiles;
    }

    public NodeState State { get; }

    public ImmutableHashSet<string> Profiles { get; }

    /// <summary>Those of the next state. Costs the rules that differ; profiles are looked at where any policy cuts.</summary>
    public CuttingProfiles Follow(NodeState next)
    {
        var changed = PersistentDictionary.Between(State.Rules, next.Rules).ToArray();
        var rules = _rules.Except(changed.Select(c => c.Key)).Union(changed.Where(c => c.After is { CutRevoked: true }).Select(c => c.Key));
        var same = rules.SetEquals(_rules) && ReferenceEquals(next.Profiles, State.Profiles);
        return new CuttingProfiles(next, rules, rules.IsEmpty ? [] : same ? Profiles
            : [.. next.Profiles.Where(p => p.Value.Policies.Any(e => !e.Staged && rules.Contains(e.Rules))).Select(p => p.Key)]);
    }
}
