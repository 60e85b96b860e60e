using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Counting;
using Vallum.Dataplane.Kernel;

namespace Vallum.Dataplane.Parsing;

/// <summary>What `iptables-save -c` says that our chains of the filter table have counted: by chain, a counter for each of its rules in order.</summary>
public static class SavedCounters
{
    public static ImmutableDictionary<string, ImmutableArray<Counter>> Parse(string text)
    {
        var chains = new Dictionary<string, ImmutableArray<Counter>.Builder>(StringComparer.Ordinal);
        var byName = chains.GetAlternateLookup<ReadOnlySpan<char>>();
        var inFilter = false;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).Trim();
            if (line.IsEmpty)
            {
                continue;
            }

            switch (line[0])
            {
                case '*':
                    inFilter = line.SequenceEqual("*filter");
                    break;
                case ':' when inFilter && Word(line[1..]) is var name && name.StartsWith(KernelNames.ChainPrefix, StringComparison.Ordinal):
                    chains[name.ToString()] = ImmutableArray.CreateBuilder<Counter>();
                    break;
                case '[' when inFilter && Rule(line) is { Chain: var chain } rule && byName.TryGetValue(line[chain], out var counters):
                    counters.Add(rule.Counter);
                    break;
            }
        }

        return chains.ToImmutableDictionary(c => c.Key, c => c.Value.ToImmutable(), StringComparer.Ordinal);
    }

    /// <summary>"[12:720] -A CHAIN …"; null for a line of another form.</summary>
    private static (Range Chain, Counter Counter)? Rule(ReadOnlySpan<char> line)
    {
        const string Append = "] -A ";
        var colon = line.IndexOf(':');
        var end = line.IndexOf(Append, StringComparison.Ordinal);
        if (colon < 0 || end < colon ||
            !ulong.TryParse(line[1..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var packets) ||
            !ulong.TryParse(line[(colon + 1)..end], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
        {
            return null;
        }

        var start = end + Append.Length;
        return (start..(start + Word(line[start..]).Length), new Counter(packets, bytes));
    }

    private static ReadOnlySpan<char> Word(ReadOnlySpan<char> text) => text.IndexOf(' ') is >= 0 and var space ? text[..space] : text;
}
