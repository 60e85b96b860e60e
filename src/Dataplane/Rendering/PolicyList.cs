using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>A policy in force that comes, goes or says something else; null rules: it is, or was, not in force, or its rules are not held.</summary>
internal readonly record struct PolicyChange(PolicyInForce Policy, bool Was, PolicyRules? Before, bool Is, PolicyRules? After);

/// <summary>The policies in force in one direction of a profile, each once, with what must be known of all of them.</summary>
internal sealed class PolicyList
{
    private readonly Direction _direction;
    private readonly Profile _profile;

    // By the name of their rules; one that is listed twice stands twice.
    private readonly PersistentDictionary<string, ImmutableArray<PolicyInForce>> _byRules;

    private PolicyList(Direction direction, Profile profile, PersistentDictionary<string, ImmutableArray<PolicyInForce>> byRules)
    {
        _direction = direction;
        _profile = profile;
        _byRules = byRules;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private init; }

    /// <summary>How many of them close the direction: they are of an unknown tier, or their rules are not held.</summary>
    public int Closing { get; private init; }

    /// <summary>How many of them isolate: those of the Tenant tier that are not staged.</summary>
    public int Isolating { get; private init; }

    public bool IsOpen => _direction == Direction.Ingress ? _profile.AllowsIngressByDefault : _profile.AllowsEgressByDefault;

    /// <summary>Those that count in the direction. One of an unknown direction counts in both, and closes them.</summary>
    public static IEnumerable<PolicyInForce> InForce(IEnumerable<PolicyInForce> policies, Direction direction) => policies
        .Where(p => p.Direction == direction || p.Direction == Direction.Unknown)
        .Select(p => p.Direction == Direction.Unknown ? p with { Direction = direction, Tier = Tier.Unknown } : p);

    public static (PolicyList List, List<PolicyChange> Changes) Of(Direction direction, Profile profile, NodeState state, ListDifferences lists) =>
        new PolicyList(direction, Profile.Open, PersistentDictionary<string, ImmutableArray<PolicyInForce>>.Empty)
            .Next(profile, NodeState.Empty, state, ImmutableHashSet<string>.Empty, lists);

    /// <param name="touched">Rules that differ between the two states, or are read otherwise in them.</param>
    public (PolicyList List, List<PolicyChange> Changes) Next(
        Profile profile, NodeState before, NodeState after, IReadOnlySet<string> touched, ListDifferences lists)
    {
        var (removed, added) = lists.Between(_profile.Policies, profile.Policies);
        var moved = InForce(removed, _direction).Select(p => (Policy: p, Comes: false)).Concat(InForce(added, _direction).Select(p => (Policy: p, Comes: true))).ToArray();
        var byRules = _byRules.ToBuilder();
        foreach (var (policy, comes) in moved)
        {
            var there = byRules.TryGetValue(policy.Rules, out var known) ? known : [];
            there = comes ? there.Add(policy) : there.Remove(policy);
            if (there.IsEmpty)
            {
                byRules.Remove(policy.Rules);
            }
            else
            {
                byRules.Set(policy.Rules, there);
            }
        }

        var next = byRules.ToDictionary();
        var changes = new List<PolicyChange>();
        var (count, closing, isolating) = (Count, Closing, Isolating);
        var kept = touched.Count <= _byRules.Count ? touched.Where(_byRules.ContainsKey) : _byRules.Keys.Where(touched.Contains);
        foreach (var name in moved.Length == 0 ? kept : moved.Select(m => m.Policy.Rules).Concat(kept).Distinct())
        {
            var old = _byRules.TryGetValue(name, out var o) ? o : [];
            var now = next.TryGetValue(name, out var n) ? n : [];
            var was = before.Rules.TryGetValue(name, out var b) ? b : null;
            var rules = after.Rules.TryGetValue(name, out var a) ? a : null;
            foreach (var policy in old.Length + now.Length == 1 ? old.AddRange(now) : old.Union(now))
            {
                var change = new PolicyChange(policy, old.Contains(policy), was, now.Contains(policy), rules);
                count += (change.Is ? 1 : 0) - (change.Was ? 1 : 0);
                closing += (change.Is && Closes(policy, rules) ? 1 : 0) - (change.Was && Closes(policy, was) ? 1 : 0);
                isolating += (change.Is && Isolates(policy) ? 1 : 0) - (change.Was && Isolates(policy) ? 1 : 0);
                changes.Add(change);
            }
        }

        return (new PolicyList(_direction, profile, next) { Count = count, Closing = closing, Isolating = isolating }, changes);
    }

    /// <summary>False: it differs from what it would be of the profile and with these rules changed.</summary>
    public bool IsUntouched(Profile profile, IReadOnlySet<string> touched) => ReferenceEquals(_profile, profile) &&
        !(touched.Count <= _byRules.Count ? touched.Any(_byRules.ContainsKey) : _byRules.Keys.Any(touched.Contains));

    /// <summary>Those that isolate, as what is in force and was not before.</summary>
    public IEnumerable<PolicyChange> Isolated(NodeState state) => _byRules.SelectMany(r => r.Value.Distinct().Where(Isolates)
        .Select(p => new PolicyChange(p, false, null, true, state.Rules.TryGetValue(r.Key, out var rules) ? rules : null)));

    private static bool Closes(PolicyInForce policy, PolicyRules? rules) => !policy.Staged && (policy.Tier == Tier.Unknown || rules is null);

    private static bool Isolates(PolicyInForce policy) => policy.Tier == Tier.Tenant && !policy.Staged;
}
