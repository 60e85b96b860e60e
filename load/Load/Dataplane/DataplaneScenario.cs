using System.Text;
using Vallum.Load.Dataplane.Connections;
using Vallum.Load.Dataplane.Revocations;
using Vallum.Load.Dataplane.Updates;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane;

[Flags]
internal enum DataplaneParts
{
    /// <summary>What rules cost a packet.</summary>
    Packets = 1,

    /// <summary>What a change of rules and members costs, and a start of the agent.</summary>
    Changes = 2,

    /// <summary>What it takes to end flows.</summary>
    Revocation = 4,

    All = Packets | Changes | Revocation,
}

/// <summary>All tables of the data plane, of one flavour of iptables after the other.</summary>
internal sealed class DataplaneScenario(DataplanePlan plan, DataplaneParts parts, IReadOnlyCollection<IptablesFlavour> flavours, TextWriter progress)
{
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var connections = new List<ConnectionFigures>();
        var updates = new List<UpdateFigures>();
        foreach (var flavour in flavours)
        {
            if (parts.HasFlag(DataplaneParts.Packets))
            {
                connections.Add(await new ConnectionScenario(plan, flavour, progress).RunAsync(cancellationToken));
            }

            if (parts.HasFlag(DataplaneParts.Changes))
            {
                updates.Add(await new UpdateScenario(plan, flavour, progress).RunAsync(cancellationToken));
            }
        }

        var text = new StringBuilder();
        text.Append(connections.Count == 0 ? "" : ConnectionTables.Of(connections));
        text.Append(updates.Count == 0 ? "" : UpdateTables.Of(updates));
        if (parts.HasFlag(DataplaneParts.Revocation))
        {
            text.Append(RevocationTable.Of(await new RevocationScenario(plan, progress).RunAsync(cancellationToken)));
        }

        return text.ToString();
    }
}
