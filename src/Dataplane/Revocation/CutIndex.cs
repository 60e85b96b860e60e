using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Revocation;

/// <summary>A state, and which of its profiles have a policy that ends what it revokes (<see cref="PolicyRules.CutRevoked"/>).</summary>
public sealed class CutIndex
{
    private CutIndex(NodeState state, ImmutableHashSet<string> profiles)
    {
        State = state;
        Profiles = profiles;
    }

    public static readonly CutIndex Empty = new(NodeState.Empty, []);

    public NodeState State { get; }

    public ImmutableHashSet<string> Profiles { get; }

    /// <summary>The index of the next state; where neither profiles nor rules differ it costs nothing.</summary>
    public CutIndex Follow(NodeState next)
    {
        if (ReferenceEquals(next.Profiles, State.Profiles) && ReferenceEquals(next.Rules, State.Rules))
        {
            return ReferenceEquals(next, State) ? this : new CutIndex(next, Profiles);
        }

        var cutting = next.Rules.Where(r => r.Value.CutRevoked).Select(r => r.Key).ToHashSet();
        return new CutIndex(next, cutting.Count == 0
            ? []
            : [.. next.Profiles.Where(p => p.Value.Policies.Any(e => !e.Staged && cutting.Contains(e.Rules))).Select(p => p.Key)]);
    }
}
