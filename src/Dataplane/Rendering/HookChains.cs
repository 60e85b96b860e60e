using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The chains that FORWARD and INPUT lead to, and the deny chain. FORWARD: known flows, invalid packets, neighbour discovery, sources that are not
/// their interface's own, unknown endpoints, then the dispatch of both directions. INPUT: the sources only, for an endpoint may always talk to its
/// node (policy-model step 3), as the node may to it: OUTPUT has no chain.
/// </summary>
internal sealed class HookChains(
    IpFamily family, RenderOptions options, GateSets gates, ImmutableArray<LocalAddress> locals, IDictionary<string, ImmutableArray<string>> chains)
{
    private const string Comment = "-m comment --comment vallum";

    // Router and neighbour solicitation, and neighbour advertisement, RFC 4861: valid only with hop limit 255, which no router lets through.
    private static readonly ImmutableArray<int> NeighbourDiscovery = [133, 135, 136];

    public static readonly ImmutableArray<Hook> Hooks =
    [
        new Hook("FORWARD", $"{Comment} -j {KernelNames.Forward}", 1),
        new Hook("INPUT", $"{Comment} -j {KernelNames.Input}", 1),
    ];

    private readonly string _allowed = options.AcceptAllowed ? "ACCEPT" : "RETURN";

    public void Write()
    {
        chains[KernelNames.Deny] = [.. Denied()];
        chains[KernelNames.Input] = [Established("RETURN"), .. Neighbours("RETURN"), .. ForeignSources()];
        chains[KernelNames.Forward] =
        [
            Established(_allowed),
            .. Invalid(),
            .. Neighbours("ACCEPT"),
            .. ForeignSources(),
            .. UnknownDestinations(),
            .. UnknownAddresses(),
            RuleText.All.Jump(KernelNames.Egress),
            RuleText.All.Jump(KernelNames.Ingress),
            .. Allowed(),
        ];
    }

    private static string Established(string verdict) => RuleText.All.And("-m conntrack --ctstate RELATED,ESTABLISHED").Jump(verdict);

    private IEnumerable<string> Invalid() => options.DropInvalid ? [RuleText.All.And("-m conntrack --ctstate INVALID").Jump("DROP")] : [];

    private IEnumerable<string> Neighbours(string verdict) => family == IpFamily.V4
        ? []
        : NeighbourDiscovery.Select(type => (RuleText.All with { Protocol = IpProtocol.IcmpV6 })
            .And(string.Create(CultureInfo.InvariantCulture, $"-m icmp6 --icmpv6-type {type}")).And("-m hl --hl-eq 255").Jump(verdict));

    /// <summary>From a workload interface only bound addresses of that interface may come; from any other known interface, only its own.</summary>
    private IEnumerable<string> ForeignSources()
    {
        foreach (var pattern in options.WorkloadInterfaces)
        {
            yield return Bound(RuleText.All with { In = pattern }, "src").Jump(KernelNames.Deny);
        }

        foreach (var name in locals.SelectMany(l => l.Interfaces).Distinct().Where(i => !IsCovered(i)).Order(StringComparer.Ordinal))
        {
            yield return (RuleText.All with { In = name }).AndNotSet(Gate(), "src,src").Jump(KernelNames.Deny);
        }
    }

    private IEnumerable<string> UnknownDestinations() =>
        options.WorkloadInterfaces.Select(pattern => Bound(RuleText.All with { Out = pattern }, "dst").Jump(KernelNames.Deny));

    private IEnumerable<string> UnknownAddresses() => options.WorkloadBlocks.Where(b => b.Family == family).SelectMany(block => new[]
    {
        (RuleText.All with { Source = block }).AndNotSet(Local(), "src").Jump(KernelNames.Deny),
        (RuleText.All with { Destination = block }).AndNotSet(Local(), "dst").Jump(KernelNames.Deny),
    });

    private IEnumerable<string> Allowed() => options.AcceptAllowed && !locals.IsEmpty
        ? [RuleText.All.AndSet(Local(), "src").Jump("ACCEPT"), RuleText.All.AndSet(Local(), "dst").Jump("ACCEPT")]
        : [];

    private IEnumerable<string> Denied()
    {
        if (options.LogGroup is { } group)
        {
            yield return RuleText.All.And("-m limit --limit 10/sec --limit-burst 20")
                .Jump(string.Create(CultureInfo.InvariantCulture, $"NFLOG --nflog-prefix vallum-deny --nflog-group {group}"));
        }

        yield return RuleText.All.Jump("DROP");
    }

    private RuleText Bound(RuleText rule, string side)
    {
        rule = rule.AndNotSet(Gate(), $"{side},{side}");
        return locals.Any(l => !l.Placed) ? rule.AndNotSet(Unplaced(), side) : rule;
    }

    /// <summary>(Address, interface) of the endpoints whose interface is known.</summary>
    private string Gate() => gates.Put(
        "gate", SetType.NetInterface, locals.SelectMany(l => l.Interfaces.Select(i => new SetMember(Cidr.Host(l.Address), Interface: i))));

    /// <summary>The addresses of endpoints whose interface is not known: good behind any workload interface.</summary>
    private string Unplaced() =>
        gates.Put("unplaced", SetType.Net, locals.Where(l => !l.Placed).Select(l => new SetMember(Cidr.Host(l.Address))));

    private string Local() => gates.Put("local", SetType.Net, locals.Select(l => new SetMember(Cidr.Host(l.Address))));

    private bool IsCovered(string name) => options.WorkloadInterfaces.Any(pattern => pattern.EndsWith('+')
        ? name.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : name == pattern);
}
