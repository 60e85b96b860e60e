using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>What is to be done, in order. A step that fails leaves the later ones undone.</summary>
public sealed record Plan(ImmutableArray<PlanStep> Steps)
{
    public static readonly Plan Empty = new([]);

    public bool IsEmpty => Steps.IsEmpty;
}

public abstract record PlanStep
{
    private PlanStep()
    {
    }

    /// <summary>Sets made, members that come and go, in order.</summary>
    public sealed record ChangeSets(ImmutableArray<SetOperation> Operations) : PlanStep
    {
        /// <summary>How many sets and members are touched.</summary>
        public int Size => Operations.Sum(o => o.Size);
    }

    /// <summary>Input of `iptables-restore --noflush -w` of the family: one COMMIT, seen by packets as one change.</summary>
    public sealed record ChangeRules(IpFamily Family, string Text) : PlanStep;

    /// <summary>
    /// Sets that no rule names any more. The kernel lets go of a set some time after the rules that named it, so "in use" means: again, later.
    /// </summary>
    public sealed record DropSets(ImmutableArray<string> Names) : PlanStep;
}
