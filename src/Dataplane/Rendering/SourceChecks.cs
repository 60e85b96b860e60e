using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// Behind an interface of ours only its own addresses are. A rule sees a port of a bridge as the bridge, so that the gate holds (address, bridge); the
/// port itself is asked for by physdev, and an address that came over a bridge is led to a leaf that knows its port.
/// </summary>
internal sealed class SourceChecks(
    IpFamily family, RenderOptions options, Links links, Gate gate, ImmutableArray<LocalAddress> locals, IDictionary<string, ImmutableArray<string>> chains)
{
    private readonly bool _ports = links.Shows(family) && locals.Any(l => l.Interfaces.Any(links.IsPort));

    /// <summary>What must not come, and the dispatch by port that these rules lead to.</summary>
    public IEnumerable<string> Write()
    {
        foreach (var pattern in options.WorkloadInterfaces)
        {
            foreach (var rule in From(pattern))
            {
                yield return gate.Strangers(rule).Jump(KernelNames.Deny);
            }

            if (gate.Borrowed(RuleText.All with { In = pattern }) is { } borrowed)
            {
                yield return borrowed.Jump(KernelNames.Deny);
            }
        }

        foreach (var name in locals.SelectMany(l => l.Interfaces).Distinct().Where(i => !IsCovered(i)).Order(StringComparer.Ordinal))
        {
            if (!links.IsPort(name))
            {
                yield return (RuleText.All with { In = name }).AndNotSet(gate.Bound(), "src,src").Jump(KernelNames.Deny);
            }
            else if (_ports)
            {
                yield return RuleText.All.And($"-m physdev --physdev-in {name}").AndNotSet(gate.Bound(), "src,src").Jump(KernelNames.Deny);
            }
        }

        if (_ports)
        {
            new DispatchTree(family, Direction.Egress, "DP", chains).Write(KernelNames.Ports, [], Leaves());
            foreach (var bridge in locals.SelectMany(l => l.Interfaces).Where(links.IsPort).Select(links.Seen).Distinct().Order(StringComparer.Ordinal))
            {
                yield return (RuleText.All with { In = bridge }).Jump(KernelNames.Ports);
            }
        }
    }

    /// <summary>To a workload interface only what is for a bound address may go: <paramref name="allowed"/> is what becomes of that.</summary>
    public IEnumerable<string> Destinations(string allowed) => options.WorkloadInterfaces.SelectMany(pattern =>
    {
        var to = RuleText.All with { Out = pattern };
        return _ports ? [to, RuleText.All.And($"-m physdev --physdev-out {pattern} --physdev-is-bridged")] : new[] { to };
    }).SelectMany(to => gate.Known(to, "dst").Select(known => known.Jump(allowed)).Append(to.Jump(KernelNames.Deny)));

    private IEnumerable<RuleText> From(string pattern)
    {
        yield return RuleText.All with { In = pattern };
        if (_ports)
        {
            yield return RuleText.All.And($"-m physdev --physdev-in {pattern}");
        }
    }

    private IEnumerable<Leaf> Leaves() => locals.Where(l => l.Interfaces.Any(links.IsPort)).Select(l =>
    {
        var rule = RuleText.All with { Source = Cidr.Host(l.Address) };
        return new Leaf(l.Address,
        [
            .. l.Interfaces.Select(i => (links.IsPort(i) ? rule.And($"-m physdev --physdev-in {i}") : rule with { In = i }).Return()),
            rule.Goto(KernelNames.Deny),
        ]);
    });

    private bool IsCovered(string name) => options.WorkloadInterfaces.Any(pattern => Matches(pattern, name) || (links.IsPort(name) && Matches(pattern, links.Seen(name))));

    private static bool Matches(string pattern, string name) =>
        pattern.EndsWith('+') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;
}
