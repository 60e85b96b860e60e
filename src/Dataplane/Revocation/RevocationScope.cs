using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Dataplane.Revocation;

/// <summary>
/// Where flows may be that a change ends, so that not every flow of the node needs to be looked at. A flow outside of it is not ended.
/// </summary>
/// <param name="Left">Addresses whose endpoint is gone: all flows from and to them end, whatever any policy says.</param>
/// <param name="Sources">Flows from these are to be judged (<see cref="RevokedFlows"/>).</param>
/// <param name="Destinations">Flows to these, after DNAT, likewise.</param>
/// <param name="Everything">All flows are to be judged.</param>
public sealed record RevocationScope(
    ImmutableHashSet<Address> Left, ImmutableHashSet<Address> Sources, ImmutableHashSet<Address> Destinations, bool Everything)
{
    public static readonly RevocationScope Empty = new([], [], [], false);

    public bool IsEmpty => Left.IsEmpty && !NeedsVerdicts;

    /// <summary>False: what ends is known without asking what any policy says.</summary>
    public bool NeedsVerdicts => Everything || !Sources.IsEmpty || !Destinations.IsEmpty;

    public bool IsToBeJudged(Address source, Address destination) => Everything || Sources.Contains(source) || Destinations.Contains(destination);

    public bool HasLeft(Address source, Address destination) => Left.Contains(source) || Left.Contains(destination);

    /// <summary>The scope of the change from one state to another. Costs what changed, and next to nothing where no policy cuts.</summary>
    public static RevocationScope Between(CuttingProfiles before, CuttingProfiles after) => new ScopeBuilder(before, after).Build();
}
