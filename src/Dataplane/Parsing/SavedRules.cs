using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;

namespace Vallum.Dataplane.Parsing;

/// <summary>What iptables-save says of the filter table, as far as it is ours.</summary>
public static class SavedRules
{
    public static RuleTable Parse(string text)
    {
        var chains = new Dictionary<string, ImmutableArray<string>.Builder>(StringComparer.Ordinal);
        var hooks = ImmutableArray.CreateBuilder<Hook>();
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        var inFilter = false;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line[0] == '*')
            {
                inFilter = line == "*filter";
            }
            else if (inFilter && line[0] == ':')
            {
                var name = line[1..line.IndexOf(' ', StringComparison.Ordinal)];
                if (KernelNames.IsOurChain(name))
                {
                    chains[name] = ImmutableArray.CreateBuilder<string>();
                }
            }
            else if (inFilter && line.StartsWith("-A ", StringComparison.Ordinal))
            {
                Append(line[3..]);
            }
        }

        return new RuleTable(
            chains.ToImmutableSortedDictionary(c => c.Key, c => c.Value.ToImmutable(), StringComparer.Ordinal),
            [.. hooks.OrderBy(h => h.BuiltIn, StringComparer.Ordinal).ThenBy(h => h.Position)]);

        void Append(string line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (chain, rule) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
            if (chains.TryGetValue(chain, out var rules))
            {
                rules.Add(Canonical(rule));
                return;
            }

            var position = positions.GetValueOrDefault(chain) + 1;
            positions[chain] = position;
            if (Target(rule) is { } target && KernelNames.IsOurChain(target))
            {
                hooks.Add(new Hook(chain, rule, position));
            }
        }
    }

    /// <summary>
    /// The rule as a renderer writes it: protocols that /etc/protocols has a word for are numbers again, and addresses have our spelling
    /// (the C library writes ::ffff:0.0.0.0 where others write ::ffff:0:0).
    /// </summary>
    public static string Canonical(string rule)
    {
        var words = rule.Split(' ');
        for (var i = 1; i < words.Length; i++)
        {
            words[i] = words[i - 1] switch
            {
                "-p" => ProtocolWords.Canonical(words[i]),
                "-s" or "-d" => SavedAddress.Block(words[i])?.ToString() ?? words[i],
                _ => words[i],
            };
        }

        return string.Join(' ', words);
    }

    private static string? Target(string rule)
    {
        var words = rule.Split(' ');
        return words.Length >= 2 && words[^2] is "-j" or "-g" ? words[^1] : null;
    }
}
