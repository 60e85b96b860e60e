using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// Behind an interface of ours only its own addresses are, and to one goes only what is for them. A leaf of the dispatch that asks for the interface
/// besides the address has asked for as much; the checks are for the rest. A rule sees a port of a bridge as the bridge, so that the gate holds
/// (address, bridge); the port itself is asked for by physdev, and an address that came over a bridge is led to a leaf that knows its port.
/// </summary>
internal sealed class SourceChecks(
    IpFamily family, RenderOptions options, Links links, Gate gate, ImmutableArray<LocalAddress> locals, IDictionary<string, ImmutableArray<string>> chains)
{
    private readonly bool _ports = links.Shows(family) && locals.Any(l => l.Interfaces.Any(links.IsPort));

    /// <summary>What must not come through a port, and the dispatch by port that these rules lead to: before all leaves, which see the bridge only.</summary>
    public IEnumerable<string> Ports()
    {
        if (!_ports)
        {
            yield break;
        }

        foreach (var pattern in options.WorkloadInterfaces)
        {
            yield return gate.Strangers(PortIn(pattern)).Jump(KernelNames.Deny);
        }

        foreach (var name in Uncovered().Where(links.IsPort))
        {
            yield return PortIn(name).AndNotSet(gate.Bound(), "src,src").Jump(KernelNames.Deny);
        }

        new DispatchTree(family, Direction.Egress, "DP", chains).Write(KernelNames.Ports, [], Leaves(), []);
        foreach (var bridge in locals.SelectMany(l => l.Interfaces).Where(links.IsPort).Select(links.Seen).Distinct().Order(StringComparer.Ordinal))
        {
            yield return (RuleText.All with { In = bridge }).Jump(KernelNames.Ports);
        }
    }

    /// <summary>What must not come from an interface.</summary>
    public IEnumerable<string> Sources()
    {
        foreach (var pattern in options.WorkloadInterfaces)
        {
            yield return gate.Strangers(RuleText.All with { In = pattern }).Jump(KernelNames.Deny);
            if (gate.Borrowed(RuleText.All with { In = pattern }) is { } borrowed)
            {
                yield return borrowed.Jump(KernelNames.Deny);
            }
        }

        foreach (var name in Uncovered().Where(name => !links.IsPort(name)))
        {
            yield return (RuleText.All with { In = name }).AndNotSet(gate.Bound(), "src,src").Jump(KernelNames.Deny);
        }
    }

    /// <summary>What must not go to a workload interface.</summary>
    public IEnumerable<string> Destinations() => options.WorkloadInterfaces.SelectMany(pattern =>
    {
        var to = RuleText.All with { Out = pattern };
        return _ports ? [to, RuleText.All.And($"-m physdev --physdev-out {pattern} --physdev-is-bridged")] : new[] { to };
    }).Select(to => gate.Unreached(to).Jump(KernelNames.Deny));

    /// <summary>The interfaces that prove an address when they are asked for beside it; none where it may be behind others, too.</summary>
    public IEnumerable<string> Proving(LocalAddress local) => local.Placed ? local.Interfaces.Select(links.Seen).Distinct() : [];

    private static RuleText PortIn(string pattern) => RuleText.All.And($"-m physdev --physdev-in {pattern}");

    private IEnumerable<Leaf> Leaves() => locals.Where(l => l.Interfaces.Any(links.IsPort)).Select(l =>
    {
        var rule = RuleText.All with { Source = Cidr.Host(l.Address) };
        return new Leaf(l.Address,
        [
            .. l.Interfaces.Select(i => (links.IsPort(i) ? rule.And($"-m physdev --physdev-in {i}") : rule with { In = i }).Return()),
            rule.Goto(KernelNames.Deny),
        ]);
    });

    private IEnumerable<string> Uncovered() =>
        locals.SelectMany(l => l.Interfaces).Distinct().Where(i => !IsCovered(i)).Order(StringComparer.Ordinal);

    private bool IsCovered(string name) => options.WorkloadInterfaces.Any(pattern => Matches(pattern, name) || (links.IsPort(name) && Matches(pattern, links.Seen(name))));

    private static bool Matches(string pattern, string name) =>
        pattern.EndsWith('+') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;
}
