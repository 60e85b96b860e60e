using Vallum.Manifests.Parsing;
using Vallum.Policies.Evaluation;

namespace Vallum.Cli.Commands;

internal static class OfflineTraffic
{
    /// <exception cref="CommandFailure">Not a protocol, or no port where one is needed.</exception>
    public static Traffic Parse(string protocol, int port, int? icmpType = null)
    {
        var parsed = TrafficParser.Parse(protocol, port, icmpType);
        return parsed.IsValid
            ? parsed.Value
            : throw new CommandFailure(ExitCode.Usage, $"{parsed.Violations[0].Description} ({parsed.Violations[0].Reason})");
    }
}
