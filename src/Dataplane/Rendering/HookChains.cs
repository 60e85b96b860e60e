using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The chains that the built-in ones lead to, and the deny chain. FORWARD: known flows, invalid packets, neighbour discovery, sources that are not
/// their interface's own, the dispatch of both directions, then destinations: one lookup both keeps unknown endpoints from being reached and accepts
/// what is for a known one. INPUT: the sources, for an endpoint may always talk to its node
/// (policy-model step 3), and then what policies say of the node itself; they alone have something to say in OUTPUT.
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
        IpFamily family, RenderOptions options, Links links, HostTargets host, GateSets gates, ImmutableArray<LocalAddress> locals,
        IDictionary<string, ImmutableArray<string>> chains)
    {
        (_family, _options, _locals, _chains) = (family, options, locals, chains);
        _gate = new Gate(gates, locals, links);
        _sources = new SourceChecks(family, options, links, _gate, locals, chains);
        _host = new HostChains(family, options, host, _gate, locals);
        _allowed = options.AcceptAllowed ? "ACCEPT" : "RETURN";
    }

    /// <returns>What leads to the chains.</returns>
    public ImmutableArray<Hook> Write()
    {
        _chains[KernelNames.Deny] = [.. Denied()];
        ImmutableArray<string> sources = [.. _sources.Write()];
        _chains[KernelNames.Input] = [Established("RETURN"), .. Neighbours("RETURN"), .. sources, .. _host.Received()];
        _chains[KernelNames.Forward] =
        [
            Established(_allowed),
            .. Invalid(),
            .. Neighbours("ACCEPT"),
            .. sources,
            .. UnknownSources(),
            RuleText.All.Jump(KernelNames.Egress),
            RuleText.All.Jump(KernelNames.Ingress),
            .. _sources.Destinations(_allowed),
            .. UnknownDestinations(),
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

    private IEnumerable<string> UnknownSources() =>
        Blocks().Select(block => (RuleText.All with { Source = block }).AndNotSet(_gate.Local(), "src").Jump(KernelNames.Deny));

    private IEnumerable<string> UnknownDestinations() =>
        Blocks().Select(block => (RuleText.All with { Destination = block }).AndNotSet(_gate.Local(), "dst").Jump(KernelNames.Deny));

    private IEnumerable<Cidr> Blocks() => _options.WorkloadBlocks.Where(b => b.Family == _family);

    /// <summary>What came from a workload interface is an endpoint's, as the source checks have found; the sets are asked about the rest.</summary>
    private IEnumerable<string> Allowed() => _options.AcceptAllowed && !_locals.IsEmpty
        ?
        [
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
