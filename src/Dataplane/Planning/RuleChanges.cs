using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vallum.Dataplane.Kernel;

namespace Vallum.Dataplane.Planning;

/// <summary>The difference of two tables as input of `iptables-restore --noflush`: one COMMIT with what differs.</summary>
internal static class RuleChanges
{
    /// <summary>Empty when nothing differs.</summary>
    public static string Text(RuleTable there, RuleTable wanted)
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
