using System.CommandLine;

namespace Vallum.Cli.Commands;

/// <summary>What is asked for: --protocol, --port, --icmp-type.</summary>
internal sealed class FlowOptions
{
    public Option<string> Protocol { get; } = new("--protocol")
    {
        Description = "tcp, udp, sctp, icmp, icmpv6, or an IP protocol number. Default: tcp",
        DefaultValueFactory = _ => "tcp",
    };

    public Option<int> Port { get; } = new("--port", "-p") { Description = "Destination port, 1..65535; needed with tcp, udp and sctp" };

    public Option<int?> IcmpType { get; } = new("--icmp-type") { Description = "ICMP type, 0..255. Default: echo request" };

    public void AddTo(Command command)
    {
        command.Options.Add(Protocol);
        command.Options.Add(Port);
        command.Options.Add(IcmpType);
    }

    /// <summary>"tenant/endpoint" as the API names it; an address stays one.</summary>
    public static string PartyName(string text) => text.Split('/') is [var tenant, var endpoint] && tenant.Length > 0
        ? $"tenants/{tenant}/endpoints/{endpoint}"
        : text;
}
