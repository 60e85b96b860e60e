using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>What the rules of a node speak of: which of them name a group, and which names of ports are asked for at all.</summary>
internal sealed class RuleIndex
{
    public static readonly RuleIndex Empty = new(PersistentDictionary<string, PersistentDictionary<string, bool>>.Empty, PersistentDictionary<string, int>.Empty);

    private readonly PersistentDictionary<string, PersistentDictionary<string, bool>> _groups;
    private readonly PersistentDictionary<string, int> _ports;

    private RuleIndex(PersistentDictionary<string, PersistentDictionary<string, bool>> groups, PersistentDictionary<string, int> ports) => (_groups, _ports) = (groups, ports);

    /// <summary>The rules that name the group.</summary>
    public IEnumerable<string> RulesOf(string group) => _groups.TryGetValue(group, out var rules) ? rules.Keys : [];

    public bool AsksPort(string name) => _ports.ContainsKey(name);

    /// <summary>The names that one of the two asks for and the other does not.</summary>
    public static IEnumerable<string> PortsAskedByOne(RuleIndex from, RuleIndex to) =>
        PersistentDictionary.Between(from._ports, to._ports).Where(d => !d.WasThere || !d.IsThere).Select(d => d.Key);

    public RuleIndex Next(IEnumerable<PersistentDictionary<string, PolicyRules>.Difference> rules)
    {
        var groups = _groups.ToBuilder();
        var ports = _ports.ToBuilder();
        foreach (var rule in rules)
        {
            foreach (var group in GroupsOf(rule.Before))
            {
                var left = groups.TryGetValue(group, out var there) ? there.Remove(rule.Key) : PersistentDictionary<string, bool>.Empty;
                if (left.IsEmpty)
                {
                    groups.Remove(group);
                }
                else
                {
                    groups.Set(group, left);
                }
            }

            foreach (var group in GroupsOf(rule.After))
            {
                groups.Set(group, (groups.TryGetValue(group, out var there) ? there : PersistentDictionary<string, bool>.Empty).SetItem(rule.Key, true));
            }

            Count(rule.Before, -1);
            Count(rule.After, 1);
        }

        return new RuleIndex(groups.ToDictionary(), ports.ToDictionary());

        void Count(PolicyRules? rule, int change)
        {
            foreach (var name in PortsOf(rule))
            {
                var count = (ports.TryGetValue(name, out var there) ? there : 0) + change;
                if (count == 0)
                {
                    ports.Remove(name);
                }
                else
                {
                    ports.Set(name, count);
                }
            }
        }
    }

    private static IEnumerable<Match> Matches(PolicyRules? rules) => rules is null ? [] : rules.Ingress.Concat(rules.Egress).SelectMany(r => r.Matches);

    private static IEnumerable<string> GroupsOf(PolicyRules? rules) => Matches(rules)
        .SelectMany(m => m.Peers.OfType<Peer.Group>().Select(g => g.Name).Concat(m.DestinationPorts is { } ports ? [ports] : []));

    private static IEnumerable<string> PortsOf(PolicyRules? rules) => Matches(rules).SelectMany(m => m.Services).SelectMany(s => s.NamedPorts);
}
