using System.Collections.Immutable;
using Vallum.Dataplane.Counting;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Counters;

/// <summary>Whose rules the lines of a rendering are.</summary>
internal interface IRuleOrigins
{
    /// <summary>By chain, for each line; null: no policy's, or several policies' at once. Chains may be missing.</summary>
    ImmutableDictionary<string, ImmutableArray<CountedRule?>> Of(Rendering rendering, IpFamily family);
}
