using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

/// <summary>Ports by number, range and name, and an endpoint's names for its ports.</summary>
internal static partial class PortParser
{
    /// <summary>An IANA service name (RFC 6335, 5.1), lower case, as Kubernetes names ports.</summary>
    public const string NameForm = "at most 15 lower-case letters, digits and single '-' between them, with at least one letter";

    private const int NameCharacters = 15;

    public static bool IsName(string text) => text.Length is > 0 and <= NameCharacters && NamePattern().IsMatch(text) && text.Any(char.IsAsciiLetterLower);

    /// <summary>"80", "8000-8999" or "http"; null and a violation for anything else.</summary>
    public static PortMatch? Match(string text, FieldPath path, ViolationList violations)
    {
        if (text.Any(char.IsLetter))
        {
            if (IsName(text))
            {
                return new PortMatch.Named(text);
            }

            violations.Add(path, Reasons.InvalidPortName, $"{Quoted.Of(text)} is not the name of a port: {NameForm}");
            return null;
        }

        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var first = Number(dash < 0 ? text : text[..dash]);
        var last = dash < 0 ? first : Number(text[(dash + 1)..]);
        if (first is not { } low || last is not { } high)
        {
            violations.Add(path, Reasons.InvalidPort, $"{Quoted.Of(text)} is not a port: a number 1 to 65535, a range such as 8000-8999, or the name of a port");
            return null;
        }

        if (low > high)
        {
            violations.Add(path, Reasons.InvalidPortRange, $"{Quoted.Of(text)} ends before it begins: write {high}-{low}");
            return null;
        }

        return new PortMatch.Numbers(new PortRange(low, high));
    }

    /// <summary>An endpoint's named ports, sorted; a (name, protocol) at most once.</summary>
    public static ImmutableArray<NamedPort> Names(IReadOnlyList<Api.NamedPort> messages, FieldPath path, ViolationList violations)
    {
        if (messages.Count == 0 || !violations.Allows(path, messages.Count, Limits.NamedPorts, "named ports"))
        {
            return [];
        }

        var ports = new SortedDictionary<(string Name, byte Protocol), NamedPort>();
        for (var i = 0; i < messages.Count; i++)
        {
            if (Name(messages[i], path[i], violations) is { } port && !ports.TryAdd((port.Name, port.Protocol), port))
            {
                violations.Add(path[i], Reasons.DuplicatePortName, $"the port {Quoted.Of(port.Name)} of protocol {IpProtocol.Name(port.Protocol)} is in the list already");
            }
        }

        return [.. ports.Values.Order()];
    }

    private static NamedPort? Name(Api.NamedPort message, FieldPath path, ViolationList violations)
    {
        var before = violations.Count;
        if (!IsName(message.Name))
        {
            violations.Add(path.Field("name"), Reasons.InvalidPortName, $"{Quoted.Of(message.Name)} is not the name of a port: {NameForm}");
        }

        if (!ServiceParser.TryProtocol(message.Protocol, out var protocol) || protocol is not { } number || !IpProtocol.HasPorts(number))
        {
            violations.Add(path.Field("protocol"), Reasons.InvalidProtocol, $"{Quoted.Of(message.Protocol)} is not a protocol with ports: tcp, udp or sctp");
            number = 0;
        }

        if (message.Port is < 1 or > ushort.MaxValue)
        {
            violations.Add(path.Field("port"), Reasons.InvalidPort, $"{message.Port} is not within 1 to 65535");
        }

        return violations.Count == before ? new NamedPort(message.Name, number, (ushort)message.Port) : null;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ushort.MaxValue ? number : null;

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex NamePattern();
}
