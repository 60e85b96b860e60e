using System.Collections.Immutable;
using Vallum.Dataplane.Counting;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Counters;

/// <summary>Whose rules the lines are, as the renderer says.</summary>
internal sealed class RenderedOrigins : IRuleOrigins
{
    public ImmutableDictionary<string, ImmutableArray<CountedRule?>> Of(Rendering rendering, IpFamily family) =>
        ImmutableDictionary<string, ImmutableArray<CountedRule?>>.Empty;
}
