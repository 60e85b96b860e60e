using System.Collections.Immutable;
using Vallum.Dataplane.Counting;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Counters;

/// <summary>What the lines of one rendering count, in both families, and which policies of the node have rules without counters of their own.</summary>
internal sealed record CountedLayout(RuleLayout Rules, CounterMap V4, CounterMap V6, ImmutableHashSet<string> Merged)
{
    public static CountedLayout Of(Rendering rendering, IRuleOrigins origins)
    {
        var v4 = CounterMap.Of(rendering.Kernel.V4, IpFamily.V4, rendering.State, origins.Of(rendering, IpFamily.V4));
        var v6 = CounterMap.Of(rendering.Kernel.V6, IpFamily.V6, rendering.State, origins.Of(rendering, IpFamily.V6));
        return new CountedLayout(RuleLayout.Of(rendering), v4, v6, MergedPolicies.Of(rendering.State, v4, v6));
    }

    /// <summary>The endpoints of a group, of both families.</summary>
    public ImmutableArray<Binding> EndpointsOf(DeniedGroup group) =>
        [.. V4.Groups.GetValueOrDefault(group, []).Union(V6.Groups.GetValueOrDefault(group, [])).OrderBy(b => b.Endpoint, StringComparer.Ordinal)];
}

/// <summary>Which rules a rendering has: the same as long as only members of sets change.</summary>
internal readonly record struct RuleLayout(object V4, object V6)
{
    public static RuleLayout Of(Rendering rendering) => new(rendering.Kernel.V4, rendering.Kernel.V6);

    public bool Equals(RuleLayout other) => ReferenceEquals(V4, other.V4) && ReferenceEquals(V6, other.V6);

    public override int GetHashCode() => HashCode.Combine(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(V4), System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(V6));
}
