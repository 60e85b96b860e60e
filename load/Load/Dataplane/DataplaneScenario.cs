using System.Collections.Immutable;
using System.Text;
using Vallum.Load.Dataplane.Connections;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane;

/// <summary>All tables of the data plane, of one flavour of iptables after the other.</summary>
internal sealed class DataplaneScenario(DataplanePlan plan, ImmutableArray<IptablesFlavour> flavours, TextWriter progress)
{
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var connections = new List<ConnectionFigures>();
        foreach (var flavour in flavours)
        {
            connections.Add(await new ConnectionScenario(plan, flavour, progress).RunAsync(cancellationToken));
        }

        return text.Append(ConnectionTables.Of(connections)).ToString();
    }
}
