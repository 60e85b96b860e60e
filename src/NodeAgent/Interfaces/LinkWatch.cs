using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.NodeAgent.Interfaces;

/// <summary>
/// Puts beside what the node is told what it sees of its interfaces. They are looked at when endpoints come or go and when asked to, and not for a
/// change of members, which has half a millisecond.
/// </summary>
internal sealed class LinkWatch(ILinks links, bool showBridged)
{
    private ImmutableArray<Binding> _bindings = [];
    private Links _seen = Links.None;

    /// <summary>What an operator must know; null: nothing.</summary>
    public string? Warning { get; private set; }

    public NodeState On(NodeState state)
    {
        if (state.Bindings != _bindings)
        {
            _bindings = state.Bindings;
            Look();
        }

        return state with { Links = _seen };
    }

    /// <returns>True when something is not as it was.</returns>
    public bool Look()
    {
        var before = _seen;
        var interfaces = _bindings.Select(b => b.Interface).OfType<string>().Distinct().ToImmutableArray();
        var now = links.Read(interfaces);
        if (showBridged && !now.Bridges.IsEmpty && !(now.ShowsV4 && now.ShowsV6))
        {
            links.ShowBridged();
            now = links.Read(interfaces);
        }

        // The same value keeps its identity: a rendering is continued only from equal ones.
        _seen = now == before ? before : now;
        Warning = WarningOf(_seen);
        return !ReferenceEquals(_seen, before);
    }

    private static string? WarningOf(Links seen)
    {
        if (seen.Bridges.IsEmpty || (seen.ShowsV4 && seen.ShowsV6))
        {
            return null;
        }

        string[] off = [.. seen.ShowsV4 ? [] : new[] { "bridge-nf-call-iptables" }, .. seen.ShowsV6 ? [] : new[] { "bridge-nf-call-ip6tables" }];
        return $"{seen.Bridges.Count} endpoints are on bridges ({string.Join(", ", seen.Bridges.Values.Distinct().Take(3))}), and what stays on a bridge " +
            $"bypasses all policies: net.bridge.{string.Join(" and ", off)} is not 1 (load br_netfilter, and set it or start with --bridge-netfilter enable)";
    }
}
