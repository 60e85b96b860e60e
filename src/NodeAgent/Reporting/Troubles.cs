using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vallum.NodeAgent.Enforcement;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Status;

namespace Vallum.NodeAgent.Reporting;

/// <summary>What is wrong on the node, told to whom it concerns: the log, each thing once while it lasts; the status; and, as findings, the control plane.</summary>
internal sealed class Troubles(StatusBoard status, Findings findings, ILogger logger)
{
    public void Failed(KernelFailedException failure)
    {
        if (status.Current.LastError != failure.Message)
        {
            AgentLog.NotApplied(logger, failure.Message);
            if (failure is KernelMismatchException)
            {
                findings.Found([failure.Message], repaired: false);
            }
        }

        status.Note(s => s with { LastError = failure.Message });
    }

    /// <param name="inSync">Whether the kernel is as wanted by now.</param>
    public void Differed(ImmutableArray<string> differences, bool inSync)
    {
        foreach (var difference in differences)
        {
            AgentLog.Repaired(logger, difference);
        }

        findings.Found(differences, repaired: inSync);
        status.Note(s => s with { DriftRepairs = s.DriftRepairs + (ulong)differences.Length, LastError = inSync ? null : s.LastError });
    }

    /// <param name="words">What is warned of about the endpoints' interfaces; null: nothing any more.</param>
    public void Warned(string? words)
    {
        if (words == status.Current.Warning)
        {
            return;
        }

        if (words is not null)
        {
            AgentLog.Warns(logger, words);
        }

        status.Note(s => s with { Warning = words });
        findings.Warn("links", words is null ? [] : [words]);
    }
}
