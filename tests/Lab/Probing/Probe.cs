using System.Net;

namespace Vallum.Lab.Probing;

/// <summary>What a probe speaks.</summary>
public enum ProbeProtocol
{
    Tcp,
    Udp,
    Sctp,

    /// <summary>An echo request, ICMP or ICMPv6 after the family of the address; it has no port.</summary>
    Icmp,
}

/// <summary>One question to the network: does this host reach that address?</summary>
/// <param name="From">The name of a host of the lab.</param>
/// <param name="To">An address of any host of the lab, or of none.</param>
/// <param name="Port">0 for <see cref="ProbeProtocol.Icmp"/>.</param>
public sealed record Probe(string From, IPAddress To, ProbeProtocol Protocol, int Port)
{
    public override string ToString() =>
        Protocol == ProbeProtocol.Icmp ? $"{From} → {To} icmp" : $"{From} → {To} {Protocol.ToString().ToLowerInvariant()}/{Port}";
}
