using System.Collections.Immutable;
using System.Text;
using Vallum.Primitives;

namespace Vallum.Dataplane.Kernel;

/// <summary>All that is ours in a kernel, wanted or found: sets by name, and the rules of both families.</summary>
public sealed record KernelState(ImmutableSortedDictionary<string, KernelSet> Sets, RuleTable V4, RuleTable V6)
{
    public static readonly KernelState Empty = new(
        ImmutableSortedDictionary.Create<string, KernelSet>(StringComparer.Ordinal), RuleTable.Empty, RuleTable.Empty);

    public RuleTable Rules(IpFamily family) => family == IpFamily.V4 ? V4 : V6;

    /// <summary>Reads the rules as the order of the next change will ask for it; they are read then otherwise. Not at once with a plan from this state.</summary>
    public void ReadAhead() => _ = (V4.Reading.Dispatch, V6.Reading.Dispatch);

    /// <summary>Everything in a fixed order, one line each: equal states have equal texts.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var set in Sets.Values)
        {
            text.Append(set.CreateLine).Append('\n');
            foreach (var member in set.Members.Order())
            {
                text.Append("add ").Append(set.Name).Append(' ').Append(member.ToString()).Append('\n');
            }
        }

        Append(text, "v4", V4);
        Append(text, "v6", V6);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string family, RuleTable table)
    {
        foreach (var hook in table.Hooks)
        {
            text.Append(family).Append(" -I ").Append(hook.BuiltIn).Append(' ').Append(hook.Position).Append(' ').Append(hook.Rule).Append('\n');
        }

        foreach (var (chain, rules) in table.Chains)
        {
            text.Append(family).Append(" :").Append(chain).Append('\n');
            foreach (var rule in rules)
            {
                text.Append(family).Append(" -A ").Append(chain).Append(' ').Append(rule).Append('\n');
            }
        }
    }
}
