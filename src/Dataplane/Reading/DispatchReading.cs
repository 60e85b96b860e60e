using System.Collections.Immutable;
using System.Text;
using Vallum.Dataplane.Kernel;
using Vallum.Primitives;

namespace Vallum.Dataplane.Reading;

/// <summary>
/// What is decided about one local address. <paramref name="Text"/>: the same for two tables when they judge alike, whatever the chains are called.
/// <paramref name="Chains"/>: those that its flows enter.
/// </summary>
internal sealed record Judged(string Text, ImmutableHashSet<string> Chains);

/// <summary>
/// The way of packets from the built-in chains through the dispatch of both directions: what is said of a local address alone, and what is said of
/// all, which are <see cref="Gates"/> (they deny what a set does not know) and the rest. A rule that has another shape counts as said of all.
/// </summary>
internal sealed class DispatchReading
{
    private readonly TableReading _table;
    private readonly Dictionary<Address, (StringBuilder Text, HashSet<string> Chains)> _leaves = [];
    private readonly Dictionary<string, string> _expanded = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly StringBuilder _shared = new();
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gates = new(StringComparer.Ordinal);
    private readonly HashSet<string> _sharedSets = new(StringComparer.Ordinal);

    public DispatchReading(TableReading table)
    {
        _table = table;
        foreach (var hook in table.Hooks)
        {
            _shared.Append(hook).Append('\n');
            if (RuleParts.Of(hook.Rule).Target is { } target)
            {
                Walk(target, null);
            }
        }

        Locals = _leaves.ToDictionary(l => l.Key, l => new Judged(l.Value.Text.ToString(), [.. l.Value.Chains]));
        Addresses = [.. Locals.Keys.Order()];
        Shared = _shared.ToString();
    }

    public IReadOnlyDictionary<Address, Judged> Locals { get; }

    /// <summary>Ascending.</summary>
    public ImmutableArray<Address> Addresses { get; }

    public string Shared { get; }

    public IReadOnlySet<string> Gates => _gates;

    /// <summary>Named by rules that are said of all, gates apart.</summary>
    public IReadOnlySet<string> SharedSets => _sharedSets;

    private void Walk(string chain, bool? bySource)
    {
        if (!_seen.Add(chain))
        {
            return;
        }

        // The chains of a dispatch end alike: one more of them says nothing new.
        var place = bySource switch { true => "source", false => "destination", null => chain };
        foreach (var rule in _table.Rules(chain))
        {
            var effect = _table.Effect(chain, rule);
            if (effect == RuleEffect.None)
            {
                continue;
            }

            var local = bySource switch { true => rule.Source, false => rule.Destination, null => null };
            var ofAddress = rule.Sets.IsEmpty && !rule.HasMore;
            if (local is { IsHost: true } host && ofAddress)
            {
                Leaf(host.Base, rule, effect, bySource == true);
            }
            else if (local is not null && ofAddress && !rule.Excepts && rule.In is null && rule.Out is null && rule.IsGoto && _table.IsChain(rule.Target))
            {
                Walk(rule.Target!, bySource);
            }
            else if (effect == RuleEffect.Deny && rule.Sets.Any(s => s.Negated))
            {
                _gates.Add($"{place} {rule.Conditions}");
            }
            else
            {
                _sharedSets.UnionWith(rule.Sets.Select(s => s.Set));
                if ($"{place} {rule.Conditions} > {rule.Target}\n" is var said && _said.Add(said))
                {
                    _shared.Append(said);
                }

                if (effect == RuleEffect.Other && _table.IsChain(rule.Target))
                {
                    Walk(rule.Target!, rule.Target switch { KernelNames.Egress => true, KernelNames.Ingress => false, _ => bySource });
                }
            }
        }
    }

    private void Leaf(Address address, RuleParts rule, RuleEffect effect, bool bySource)
    {
        if (!_leaves.TryGetValue(address, out var leaf))
        {
            _leaves[address] = leaf = (new StringBuilder(), new HashSet<string>(StringComparer.Ordinal));
        }

        leaf.Text.Append(bySource ? 'E' : 'I');
        Append(leaf.Text, rule, effect);
        if (effect == RuleEffect.Other && rule.Target is { } target)
        {
            leaf.Chains.UnionWith(_table.Reached(target));
        }
    }

    private void Append(StringBuilder text, RuleParts rule, RuleEffect effect)
    {
        text.Append(rule.Conditions).Append(" > ");
        if (effect == RuleEffect.Other && _table.IsChain(rule.Target) && rule.Target is not (KernelNames.Sources or KernelNames.Destinations))
        {
            text.Append(rule.IsGoto ? "goto {" : "jump {").Append(Expanded(rule.Target!)).Append("}\n");
        }
        else
        {
            text.Append(effect == RuleEffect.Deny ? "deny" : rule.Target).Append('\n');
        }
    }

    private string Expanded(string chain)
    {
        if (_expanded.TryGetValue(chain, out var known))
        {
            return known;
        }

        _expanded[chain] = chain;
        var text = new StringBuilder();
        foreach (var rule in _table.Rules(chain))
        {
            var effect = _table.Effect(chain, rule);
            if (effect != RuleEffect.None)
            {
                Append(text, rule, effect);
            }
        }

        return _expanded[chain] = text.ToString();
    }
}
