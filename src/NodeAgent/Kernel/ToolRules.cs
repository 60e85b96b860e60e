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

    // With --verbose the tools repeat comments, each when all before it is done. Behind a COMMIT it says that the kernel has it.
    private const string Committed = "# committed";

    private readonly Lock _oneAtATime = new();
    private Task _ending = Task.CompletedTask;

    public async Task<RuleTable> ReadAsync(IpFamily family, CancellationToken cancellationToken) =>
        SavedRules.Parse(await processes.RunAsync(new Invocation(tools.Save(family), ["-t", "filter"]), cancellationToken));

    /// <summary>
    /// One COMMIT, in one hold of the lock. Returns when it is done; packets that are on their way may meet the old rules until
    /// <see cref="SettleAsync"/> returns.
    /// </summary>
    public async Task ChangeAsync(IpFamily family, string text, CancellationToken cancellationToken)
    {
        // Its end is not waited for: iptables-nft takes 15 ms more to end: who closes a netfilter socket waits for the RCU grace period of what was deleted (nft_rcv_nl_event).
        var ending = await processes.RunToAsync(
            new Invocation(tools.Restore(family), ["--noflush", "--verbose", "-w", LockSeconds], $"{text}{Committed}\n"), Committed, cancellationToken);

        // The legacy kernel waits for all processors to be out of the old table before it answers (xt_replace_table).
        if (tools.Flavour != IptablesFlavour.Legacy)
        {
            lock (_oneAtATime)
            {
                _ending = Task.WhenAll(_ending, ending);
            }
        }
    }

    /// <summary>Returns when no packet meets rules any more that were replaced: before that, a set that only they name must not change.</summary>
    public Task SettleAsync() => _ending.IsCompletedSuccessfully ? Task.CompletedTask : EndAsync();

    private async Task EndAsync()
    {
        Task ending;
        lock (_oneAtATime)
        {
            (ending, _ending) = (_ending, Task.CompletedTask);
        }

        await ending;
    }
}
