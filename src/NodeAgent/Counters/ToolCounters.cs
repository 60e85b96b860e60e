using System.Collections.Immutable;
using Vallum.Dataplane.Counting;
using Vallum.Dataplane.Parsing;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Counters;

/// <summary>Counters as `iptables-save -c` prints them. It takes no lock: changes do not wait for it.</summary>
internal sealed class ToolCounters(ProcessRunner processes, Toolset tools) : ICounterSource
{
    public async Task<ImmutableDictionary<string, ImmutableArray<Counter>>> ReadAsync(IpFamily family, CancellationToken cancellationToken) =>
        SavedCounters.Parse(await processes.RunAsync(new Invocation(tools.Save(family), ["-c", "-t", "filter"]), cancellationToken));
}
