using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Parsing;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

/// <summary>The rules behind one flavour of iptables, one process per call.</summary>
internal sealed class ToolRules(ProcessRunner processes, Toolset tools)
{
    // Seconds to wait for the lock that iptables-legacy holds during a change; nf_tables has none and takes the option.
    private const string LockSeconds = "30";

    public async Task<RuleTable> ReadAsync(IpFamily family, CancellationToken cancellationToken) =>
        SavedRules.Parse(await processes.RunAsync(new Invocation(tools.Save(family), ["-t", "filter"]), cancellationToken));

    /// <summary>One COMMIT, in one hold of the lock.</summary>
    public Task ChangeAsync(IpFamily family, string text, CancellationToken cancellationToken) =>
        processes.RunAsync(new Invocation(tools.Restore(family), ["--noflush", "-w", LockSeconds], text), cancellationToken);
}
