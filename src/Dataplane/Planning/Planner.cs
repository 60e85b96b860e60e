using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vallum.Dataplane.Kernel;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// What is there × what is wanted → what to do. Sets stand before the rules that name them and fall after; each family's rules change in one COMMIT;
/// nothing is flushed that is not rewritten in the same COMMIT. Reviewers reject a plan that needs a chain's policy to be safe (nf_tables applies it
/// late), or one that removes before it adds.
/// </summary>
public static class Planner
{
    public static Plan Between(KernelState there, KernelState wanted)
    {
        var members = new SetChanges();
        foreach (var set in wanted.Sets.Values)
        {
            if (there.Sets.TryGetValue(set.Name, out var before))
            {
                members.Change(before, set);
            }
            else
            {
                members.Create(set);
            }
        }

        var rules = new[] { IpFamily.V4, IpFamily.V6 }.Select(f => (Family: f, Text: RulesText(there.Rules(f), wanted.Rules(f))))
            .Where(r => r.Text.Length > 0).Select(r => new PlanStep.ChangeRules(r.Family, r.Text)).ToImmutableArray();
        var drops = there.Sets.Keys.Where(name => !wanted.Sets.ContainsKey(name)).ToImmutableArray();
        var steps = ImmutableArray.CreateBuilder<PlanStep>();
        if (rules.IsEmpty)
        {
            AddSets(steps, members.BeforeRules.Concat(members.AfterRules));
        }
        else
        {
            AddSets(steps, members.BeforeRules);
            steps.AddRange(rules);
            AddSets(steps, members.AfterRules);
        }

        // Revoked flows are ended here, when nothing admits new packets of them any more and before the names that describe them are gone.
        if (!drops.IsEmpty)
        {
            steps.Add(new PlanStep.DropSets(drops));
        }

        return new Plan(steps.ToImmutable());
    }

    private static void AddSets(ImmutableArray<PlanStep>.Builder steps, IEnumerable<SetOperation> operations)
    {
        var all = operations.Where(o => o.Size > 0).ToImmutableArray();
        if (!all.IsEmpty)
        {
            steps.Add(new PlanStep.ChangeSets(all));
        }
    }

    /// <summary>Empty when nothing differs.</summary>
    private static string RulesText(RuleTable there, RuleTable wanted)
    {
        // A change of members alone leaves the table what it was: then ten thousand rules are not held against themselves.
        if (ReferenceEquals(there, wanted))
        {
            return "";
        }

        var changed = wanted.Chains.Where(c => !there.Chains.TryGetValue(c.Key, out var before) || !before.SequenceEqual(c.Value)).ToImmutableArray();
        var gone = there.Chains.Keys.Where(name => !wanted.Chains.ContainsKey(name)).ToImmutableArray();
        var hooks = HookLines(there.Hooks, wanted.Hooks);
        if (changed.IsEmpty && gone.IsEmpty && hooks.IsEmpty)
        {
            return "";
        }

        // With --noflush a ":CHAIN" line empties a chain of a user, and a built-in one not: that is why everything but the hooks is in our own.
        var text = new StringBuilder("*filter\n");
        foreach (var name in changed.Select(c => c.Key).Concat(gone))
        {
            text.Append(':').Append(name).Append(" - [0:0]\n");
        }

        foreach (var (chain, rules) in changed)
        {
            foreach (var rule in rules)
            {
                text.Append("-A ").Append(chain).Append(rule.Length > 0 ? " " : "").Append(rule).Append('\n');
            }
        }

        text.AppendJoin("", hooks);
        foreach (var name in gone)
        {
            text.Append("-X ").Append(name).Append('\n');
        }

        return text.Append("COMMIT\n").ToString();
    }

    /// <summary>Where a built-in chain does not lead to ours as wanted, all its rules that do are taken out and the wanted one is put in.</summary>
    private static ImmutableArray<string> HookLines(ImmutableArray<Hook> there, ImmutableArray<Hook> wanted)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        foreach (var builtIn in there.Concat(wanted).Select(h => h.BuiltIn).Distinct().Order(StringComparer.Ordinal))
        {
            var before = there.Where(h => h.BuiltIn == builtIn).ToImmutableArray();
            var after = wanted.Where(h => h.BuiltIn == builtIn).ToImmutableArray();
            if (before.SequenceEqual(after))
            {
                continue;
            }

            lines.AddRange(before.Select(h => $"-D {builtIn} {h.Rule}\n"));
            lines.AddRange(after.Select(h => string.Create(CultureInfo.InvariantCulture, $"-I {builtIn} {h.Position} {h.Rule}\n")));
        }

        return lines.ToImmutable();
    }
}
