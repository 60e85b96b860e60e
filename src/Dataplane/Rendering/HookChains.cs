using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The chains that the built-in ones lead to, and the deny chain. FORWARD: known flows, invalid packets, neighbour discovery, then the dispatch of both
/// directions, in which what no leaf takes is asked whether its source or destination is its interface's own. INPUT: the sources, for an endpoint may
/// always talk to its node (policy-model step 3), and then what policies say of the node itself; they alone have something to say in OUTPUT.
/// </summary>
internal sealed class HookChains
{
    // Router and neighbour solicitation, and neighbour advertisement, RFC 4861: valid only with hop limit 255, which no router lets through.
    private static readonly ImmutableArray<int> NeighbourDiscovery = [133, 135, 136];

    private readonly IpFamily _family;
    private readonly RenderOptions _options;
    private readonly ImmutableArray<LocalAddress> _locals;
    private readonly IDictionary<string, ImmutableArray<string>> _chains;
    private readonly SourceChecks _sources;
    private readonly HostChains _host;
    private readonly Gate _gate;
    private readonly string _allowed;

    public HookChains(
        IpFamily family, RenderOptions options, HostTargets host, Gate gate, SourceChecks sources, ImmutableArray<LocalAddress> locals,
        IDictionary<string, ImmutableArray<string>> chains)
    {
        (_family, _options, _locals, _chains, _gate, _sources) = (family, options, locals, chains, gate, sources);
        _host = new HostChains(family, options, host, _gate, locals);
        _allowed = options.AcceptAllowed ? "ACCEPT" : "RETURN";
    }

    /// <returns>What leads to the chains.</returns>
    public ImmutableArray<Hook> Write()
    {
        _chains[KernelNames.Deny] = [.. Denied()];
        ImmutableArray<string> ports = [.. _sources.Ports()];
        _chains[KernelNames.Input] = [Established("RETURN"), .. Neighbours("RETURN"), .. ports, .. _sources.Sources(), .. _host.Received()];
        _chains[KernelNames.Forward] =
        [
            Established(_allowed),
            .. Invalid(),
            .. Neighbours("ACCEPT"),
            .. ports,
            RuleText.All.Jump(KernelNames.Egress),
            RuleText.All.Jump(KernelNames.Ingress),
            .. Allowed(),
        ];
        ImmutableArray<string> sent = [.. _host.Sent()];
        if (sent.IsEmpty)
        {
            return [Jump("FORWARD", KernelNames.Forward), Jump("INPUT", KernelNames.Input)];
        }

        _chains[KernelNames.Output] = [Established("RETURN"), .. Neighbours("RETURN"), .. sent];
        return [Jump("FORWARD", KernelNames.Forward), Jump("INPUT", KernelNames.Input), Jump("OUTPUT", KernelNames.Output)];
    }

    // No comment: every packet of every flow would pay for it, and the target says whose the rule is.
    private static Hook Jump(string builtIn, string chain) => new(builtIn, RuleText.All.Jump(chain), 1);

    private static string Established(string verdict) => RuleText.All.And("-m conntrack --ctstate RELATED,ESTABLISHED").Jump(verdict);

    private IEnumerable<string> Invalid() => _options.DropInvalid ? [RuleText.All.And("-m conntrack --ctstate INVALID").Jump("DROP")] : [];

    private IEnumerable<string> Neighbours(string verdict) => _family == IpFamily.V4
        ? []
        : NeighbourDiscovery.Select(type => (RuleText.All with { Protocol = IpProtocol.IcmpV6 })
            .And(string.Create(CultureInfo.InvariantCulture, $"-m icmp6 --icmpv6-type {type}")).And("-m hl --hl-eq 255").Jump(verdict));

    /// <summary>What comes from a workload interface or goes to one is an endpoint's, as the dispatch has found; the sets are asked about the rest.</summary>
    private IEnumerable<string> Allowed() => _options.AcceptAllowed && !_locals.IsEmpty
        ?
        [
            .. _options.WorkloadInterfaces.Select(pattern => (RuleText.All with { Out = pattern }).Jump("ACCEPT")),
            .. _options.WorkloadInterfaces.Select(pattern => (RuleText.All with { In = pattern }).Jump("ACCEPT")),
            RuleText.All.AndSet(_gate.Local(), "src").Jump("ACCEPT"),
            RuleText.All.AndSet(_gate.Local(), "dst").Jump("ACCEPT"),
        ]
        : [];

    private IEnumerable<string> Denied()
    {
        if (_options.LogGroup is { } group)
        {
            yield return RuleText.All.And("-m limit --limit 10/sec --limit-burst 20")
                .Jump(string.Create(CultureInfo.InvariantCulture, $"NFLOG --nflog-prefix vallum-deny --nflog-group {group}"));
        }

        yield return RuleText.All.Jump("DROP");
    }
}
