using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Commands;

/// <summary>The failsafe as the command line says it.</summary>
internal static class FailsafePorts
{
    public const string Default = "tcp/22";

    private static readonly ImmutableArray<FailsafePort> Dns = [new FailsafePort(IpProtocol.Udp, 53), new FailsafePort(IpProtocol.Tcp, 53)];

    /// <summary>Null when it cannot be read.</summary>
    /// <param name="text">"none", or inbound ports such as "tcp/22,udp/161".</param>
    /// <param name="servers">Silos: reachable at their addresses, or, where one has a name, at their port anywhere.</param>
    public static Failsafe? Read(string text, ImmutableArray<Uri> servers)
    {
        if (text == "none")
        {
            return Failsafe.None;
        }

        var inbound = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Port).ToImmutableArray();
        return inbound.IsEmpty || inbound.Contains(null)
            ? null
            : new Failsafe([.. inbound.OfType<FailsafePort>().Distinct()], [.. Dns, .. servers.Select(Server).Distinct()]);
    }

    private static FailsafePort Server(Uri server) =>
        new(IpProtocol.Tcp, (ushort)server.Port, Address.TryParse(server.Host.Trim('[', ']'), out var address) ? address : null);

    private static FailsafePort? Port(string word)
    {
        byte? protocol = word.StartsWith("tcp/", StringComparison.Ordinal) ? IpProtocol.Tcp
            : word.StartsWith("udp/", StringComparison.Ordinal) ? IpProtocol.Udp : null;
        return protocol is { } known && ushort.TryParse(word.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            ? new FailsafePort(known, port)
            : null;
    }
}
