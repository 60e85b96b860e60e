using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Parsing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Counting;

/// <summary>Which endpoints a chain judges: those whose address leads there, directly or by chains between. Read from the text, so that it holds for any layout.</summary>
internal sealed class EndpointGroups
{
    private readonly Dictionary<string, (Direction Direction, List<Binding> Endpoints)> _byChain = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeniedGroup> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<DeniedGroup, ImmutableArray<Binding>> _bindings = [];
    private readonly Dictionary<Address, Binding> _byAddress = [];

    public ImmutableDictionary<DeniedGroup, ImmutableArray<Binding>> Bindings => _bindings.ToImmutableDictionary();

    public static EndpointGroups Of(RuleTable table, IpFamily family, NodeState state)
    {
        var groups = new EndpointGroups();
        foreach (var binding in state.Bindings)
        {
            foreach (var address in binding.Addresses.Where(a => a.Family == family))
            {
                groups._byAddress.TryAdd(address, binding);
            }
        }

        foreach (var rule in table.Chains.Values.SelectMany(c => c))
        {
            if (groups.Entry(rule) is var (direction, endpoint) && Target(rule) is { } target && IsJudge(target))
            {
                groups.Add(table, target, direction, [endpoint]);
            }
        }

        groups.AddNode(table, state);
        foreach (var (chain, (direction, endpoints)) in groups._byChain)
        {
            groups._groups[chain] = groups.Name(direction, endpoints);
        }

        return groups;
    }

    /// <summary>Whose flows the chain judges.</summary>
    public IEnumerable<(string Profile, Direction Direction)> ProfilesOf(string chain) => _byChain.TryGetValue(chain, out var judged)
        ? judged.Endpoints.Select(e => (e.Profile, judged.Direction)).Distinct()
        : [];

    /// <summary>Who is denied by a rule of the chain.</summary>
    public DeniedGroup Of(string chain, string rule)
    {
        if (_groups.TryGetValue(chain, out var group))
        {
            return group;
        }

        return Entry(rule) is var (direction, endpoint) ? Name(direction, [endpoint]) : DeniedGroup.Nobody;
    }

    /// <summary>Where a rule leads; null: on.</summary>
    public static string? Target(string rule)
    {
        var words = rule.Split(' ');
        var at = Array.FindLastIndex(words, w => w is "-j" or "-g");
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : null;
    }

    private static bool IsJudge(string target) => KernelNames.IsOurChain(target) && target is not (KernelNames.Deny or KernelNames.Sources or KernelNames.Destinations);

    /// <summary>A rule of the dispatch: the endpoint whose own address it asks for, and in which direction.</summary>
    private (Direction Direction, Binding Endpoint)? Entry(string rule)
    {
        // An ingress leaf begins with the source that it excepts.
        var words = (rule.StartsWith("! -s ", StringComparison.Ordinal) ? rule[(rule.IndexOf(' ', 5) + 1)..] : rule).Split(' ', 4);
        return words is ["-s" or "-d", var block, ..] && SavedAddress.Block(block) is { } cidr && cidr.IsHost && _byAddress.TryGetValue(cidr.Base, out var endpoint)
            ? (words[0] == "-s" ? Direction.Egress : Direction.Ingress, endpoint)
            : null;
    }

    /// <summary>The node itself, as an endpoint without a name: INPUT and OUTPUT lead to the chains of its profile.</summary>
    private void AddNode(RuleTable table, NodeState state)
    {
        if (state.NodeProfile is not { } profile)
        {
            return;
        }

        var node = new Binding("", [], null, profile);
        foreach (var (hook, direction, kind) in new[] { (KernelNames.Input, Direction.Ingress, "VALLUM-PI-"), (KernelNames.Output, Direction.Egress, "VALLUM-PE-") })
        {
            foreach (var target in table.Chains.GetValueOrDefault(hook, []).Select(Target).OfType<string>().Where(t => t.StartsWith(kind, StringComparison.Ordinal)))
            {
                Add(table, target, direction, [node]);
            }
        }
    }

    private void Add(RuleTable table, string chain, Direction direction, List<Binding> endpoints)
    {
        if (!_byChain.TryGetValue(chain, out var there))
        {
            _byChain[chain] = there = (direction, []);
        }

        var fresh = endpoints.Except<Binding>(there.Endpoints, ReferenceEqualityComparer.Instance).ToList();
        if (fresh.Count == 0 || !table.Chains.TryGetValue(chain, out var rules))
        {
            return;
        }

        there.Endpoints.AddRange(fresh);
        foreach (var next in rules.Select(Target).OfType<string>().Where(IsJudge).Distinct(StringComparer.Ordinal))
        {
            Add(table, next, direction, fresh);
        }
    }

    private DeniedGroup Name(Direction direction, List<Binding> endpoints)
    {
        var group = new DeniedGroup(direction, endpoints.Select(e => e.Profile).Min(StringComparer.Ordinal)!);
        _bindings[group] = _bindings.TryGetValue(group, out var known) ? [.. known.Union(endpoints)] : [.. endpoints];
        return group;
    }
}
