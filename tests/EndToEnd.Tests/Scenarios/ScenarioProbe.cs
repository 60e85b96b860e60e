using System.Globalization;
using System.Net.Sockets;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab;
using Vallum.Lab.Probing;

namespace Vallum.EndToEnd.Tests.Scenarios;

/// <summary>From one host of the lab to another, by name.</summary>
internal sealed record ScenarioProbe(string From, string To, ProbeProtocol Protocol, int Port, AddressFamily Family, bool Allowed)
{
    /// <summary>"web1,web2 -> db1 tcp/80 udp6/53 icmp allowed": every source, every destination, every service.</summary>
    /// <param name="place">For the message.</param>
    /// <exception cref="InvalidDataException">Not of that form.</exception>
    public static IEnumerable<ScenarioProbe> Parse(string text, string place)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not [var from, "->", var to, .. var services, "allowed" or "blocked"] || services.Length == 0)
        {
            throw new InvalidDataException($"{place}: wanted is 'HOST,… -> HOST,… tcp/80 udp6/53 icmp … allowed' or '… blocked', and there is '{text.Trim()}'");
        }

        return
            from source in @from.Split(',')
            from destination in to.Split(',')
            from service in services
            let read = Service(service, place)
            select new ScenarioProbe(source, destination, read.Protocol, read.Port, read.Family, words[^1] == "allowed");
    }

    public Expectation In(PacketLab lab) => new(lab.Probe(From, To, Protocol, Port, Family), Allowed);

    private static (ProbeProtocol Protocol, int Port, AddressFamily Family) Service(string text, string place)
    {
        var (word, port) = text.Split('/') switch
        {
            [var single] => (single, 0),
            [var protocol, var number] when int.TryParse(number, CultureInfo.InvariantCulture, out var parsed) => (protocol, parsed),
            _ => throw new InvalidDataException($"{place}: '{text}' is no service such as tcp/80 or icmp6"),
        };
        var family = word.EndsWith('6') ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        return Enum.TryParse<ProbeProtocol>(word.TrimEnd('6'), ignoreCase: true, out var known)
            ? (known, port, family)
            : throw new InvalidDataException($"{place}: '{text}' is of no protocol that the lab speaks");
    }
}
