using System.Collections.Immutable;
using Vallum.Dataplane.Counting;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Counters;

/// <summary>Where the counters of our rules are read.</summary>
internal interface ICounterSource
{
    /// <summary>By chain, a counter for each of its rules in order.</summary>
    /// <exception cref="Processes.CommandFailedException">They could not be read.</exception>
    Task<ImmutableDictionary<string, ImmutableArray<Counter>>> ReadAsync(IpFamily family, CancellationToken cancellationToken);
}
