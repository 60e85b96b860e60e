using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>A state and what the kernel is to hold for it.</summary>
public sealed class Rendering
{
    private readonly FamilyLayout _v4;
    private readonly FamilyLayout _v6;
    private readonly SharedReadings _shared;

    private Rendering(LayoutChange change, FamilyLayout v4, FamilyLayout v6, ImmutableSortedDictionary<string, KernelSet> before)
    {
        var sets = before.ToBuilder();
        _v4 = v4.Next(change, sets);
        _v6 = v6.Next(change, sets);
        _shared = change.Shared;
        (State, Options) = (change.After, change.Options);
        Kernel = new KernelState(sets.ToImmutable(), _v4.Rules, _v6.Rules);
    }

    public NodeState State { get; }

    public RenderOptions Options { get; }

    public KernelState Kernel { get; }

    /// <summary>
    /// By chain, whose each of its rules is, in order; null where it is nobody's or, in a merged set, several policies'. Chains that dispatch are left out.
    /// </summary>
    public ImmutableDictionary<string, ImmutableArray<RuleOrigin?>> Origins(IpFamily family) => family == IpFamily.V4 ? _v4.Origins : _v6.Origins;

    internal static Rendering Of(NodeState state, RenderOptions options) => new(
        LayoutChange.First(state, options), FamilyLayout.Empty(IpFamily.V4), FamilyLayout.Empty(IpFamily.V6), KernelState.Empty.Sets);

    internal Rendering Next(NodeState state) => new(LayoutChange.Between(State, state, Options, _shared), _v4, _v6, Kernel.Sets);
}
