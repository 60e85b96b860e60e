using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;

namespace Vallum.Dataplane.Reading;

/// <summary>
/// What a table's rules say of the sets that they name: where each is asked, and what follows. Read from the text alone, so that it holds for what
/// was found in a kernel as for what was rendered.
/// </summary>
internal sealed class TableReading
{
    private readonly Dictionary<string, ImmutableArray<RuleParts>> _chains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SetUse>> _uses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _denies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _reached = new(StringComparer.Ordinal);
    private readonly HashSet<string> _called = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Hook> _hooks;
    private DispatchReading? _dispatch;

    public TableReading(RuleTable table)
    {
        _hooks = table.Hooks;
        foreach (var (name, rules) in table.Chains)
        {
            _chains[name] = [.. rules.Select(RuleParts.Of)];
        }

        foreach (var rule in _chains.Values.SelectMany(rules => rules).Where(r => r is { IsGoto: false, Target: not null } && IsChain(r.Target)))
        {
            _called.Add(rule.Target!);
        }

        foreach (var (chain, rules) in _chains)
        {
            for (var at = 0; at < rules.Length; at++)
            {
                foreach (var match in rules[at].Sets)
                {
                    Put(match.Set, new SetUse(chain, at, Effect(chain, rules[at]), match, rules[at]));
                }
            }
        }
    }

    public ImmutableArray<Hook> Hooks => _hooks;

    /// <summary>Who is judged by what; made when it is first asked for.</summary>
    public DispatchReading Dispatch => _dispatch ??= new DispatchReading(this);

    /// <summary>The sets that are asked for by their absence: what they do not know is denied.</summary>
    public IEnumerable<string> Gates => _uses.Where(u => u.Value.Any(use => use.Match.Negated)).Select(u => u.Key);

    public bool Names(string set) => _uses.ContainsKey(set);

    public IReadOnlyList<SetUse> Uses(string set) => _uses.TryGetValue(set, out var uses) ? uses : [];

    public bool IsChain(string? name) => name is not null && _chains.ContainsKey(name);

    public ImmutableArray<RuleParts> Rules(string chain) => _chains.TryGetValue(chain, out var rules) ? rules : [];

    /// <summary>True when packets may go from one chain into the other.</summary>
    public bool Leads(string from, string to) => Reached(from).Contains(to);

    /// <summary>The chain itself and all that it leads to.</summary>
    public HashSet<string> Reached(string chain)
    {
        if (!_reached.TryGetValue(chain, out var reached))
        {
            _reached[chain] = reached = new HashSet<string>(StringComparer.Ordinal) { chain };
            foreach (var target in Rules(chain).Select(r => r.Target).Where(IsChain).Distinct())
            {
                reached.UnionWith(Reached(target!));
            }
        }

        return reached;
    }

    /// <summary>RETURN means "allowed" in a chain that is entered by goto only, as those that judge endpoints are.</summary>
    public RuleEffect Effect(string chain, RuleParts rule) => rule.Target switch
    {
        null or "NFLOG" or "LOG" => RuleEffect.None,
        "RETURN" => _called.Contains(chain) ? RuleEffect.Other : RuleEffect.Allow,
        "DROP" or "REJECT" => RuleEffect.Deny,
        var target => Denies(target) ? RuleEffect.Deny : RuleEffect.Other,
    };

    /// <summary>True for a chain that no packet leaves: it may count and log before it drops.</summary>
    private bool Denies(string chain)
    {
        if (!_denies.TryGetValue(chain, out var denies))
        {
            _denies[chain] = false;
            var rules = Rules(chain);
            _denies[chain] = denies = !rules.IsEmpty && rules[^1].IsUnconditional &&
                rules.All(r => Effect(chain, r) is RuleEffect.None or RuleEffect.Deny) && Effect(chain, rules[^1]) == RuleEffect.Deny;
        }

        return denies;
    }

    private void Put(string set, SetUse use)
    {
        if (!_uses.TryGetValue(set, out var uses))
        {
            _uses[set] = uses = [];
        }

        uses.Add(use);
    }
}
