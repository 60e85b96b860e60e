using System.Collections.Immutable;
using System.Text;
using Vallum.Primitives;

namespace Vallum.Dataplane.Counting;

/// <summary>A total, and when it was last seen to rise.</summary>
/// <param name="ChangedIn">The number of the reading that changed it last.</param>
public sealed record CountedTotal(Counter Counter, DateTimeOffset LastHit, long ChangedIn);

/// <summary>What a chain's counters were when they were read last. <paramref name="Text"/>: of its rules, so that another chain of the name is told apart.</summary>
public sealed record ChainMark(Digest Text, ImmutableArray<Counter> Counters);

/// <summary>Everything that a book knows, to be kept over a restart of the agent.</summary>
public sealed record CounterPage(
    ImmutableDictionary<CountedRule, CountedTotal> Rules,
    ImmutableDictionary<DeniedGroup, CountedTotal> Denied,
    Counter Dropped,
    ImmutableDictionary<(IpFamily Family, string Chain), ChainMark> Marks)
{
    public static readonly CounterPage Empty = new(
        ImmutableDictionary<CountedRule, CountedTotal>.Empty,
        ImmutableDictionary<DeniedGroup, CountedTotal>.Empty,
        Counter.Zero,
        ImmutableDictionary<(IpFamily, string), ChainMark>.Empty);
}

/// <summary>
/// Adds up what the kernel's counters say. The kernel counts per line and begins at 0 whenever a chain is rewritten; here the totals of a rule only
/// rise, over rewritten chains, moved rules and restarts. What was counted between the last reading and a rewrite is lost.
/// </summary>
public sealed class CounterBook(CounterPage page)
{
    /// <summary>Totals of rules and groups that are no longer on the node are kept, so that sums over nodes do not fall; beyond this many the oldest go.</summary>
    public const int MostGone = 4096;

    private readonly Dictionary<ImmutableArray<string>, Digest> _texts = [];

    /// <summary>Replaced whole with each reading.</summary>
    public CounterPage Page { get; private set; } = page;

    /// <summary>Counts the readings.</summary>
    public long Reading { get; private set; }

    /// <summary>In the last reading a chain had another text than in the one before: totals can no longer be found again from the kernel alone.</summary>
    public bool Rewritten { get; private set; }

    /// <param name="readings">Of both families: what the lines mean, and what they count, from one moment at which the kernel held just these rules.</param>
    public void Take(IEnumerable<(IpFamily Family, CounterMap Map, ImmutableDictionary<string, ImmutableArray<Counter>> Counters)> readings, DateTimeOffset now)
    {
        Reading++;
        var (rules, denied, dropped) = (Page.Rules.ToBuilder(), Page.Denied.ToBuilder(), Page.Dropped);
        var marks = ImmutableDictionary.CreateBuilder<(IpFamily, string), ChainMark>();
        var (knownRules, knownGroups) = (new HashSet<CountedRule>(), new HashSet<DeniedGroup>());
        var texts = new Dictionary<ImmutableArray<string>, Digest>();
        Rewritten = false;
        foreach (var (family, map, counters) in readings)
        {
            foreach (var (name, chain) in map.Chains)
            {
                var text = texts[chain.Rules] = TextOf(chain.Rules);
                var mark = Page.Marks.GetValueOrDefault((family, name));
                Know(chain);
                if (!counters.TryGetValue(name, out var read) || read.Length != chain.Lines.Length)
                {
                    // Somebody has changed the chain; what it counted is found again when it is repaired.
                    if (mark is not null)
                    {
                        marks[(family, name)] = mark;
                    }

                    continue;
                }

                var before = mark is not null && mark.Text == text ? mark.Counters : [];
                Rewritten |= before.IsEmpty && !chain.Lines.IsEmpty;
                Add(chain, before, read);
                marks[(family, name)] = new ChainMark(text, read);
            }
        }

        _texts.Clear();
        foreach (var (chain, text) in texts)
        {
            _texts[chain] = text;
        }

        Trim(rules, knownRules);
        Trim(denied, knownGroups);
        Page = new CounterPage(rules.ToImmutable(), denied.ToImmutable(), dropped, marks.ToImmutable());

        void Know(CountedChain chain)
        {
            foreach (var line in chain.Lines)
            {
                if (line.Rule is { } rule)
                {
                    knownRules.Add(rule);
                    rules.TryAdd(rule, new CountedTotal(Counter.Zero, DateTimeOffset.MinValue, Reading));
                }

                if (line.Denied is { } group)
                {
                    knownGroups.Add(group);
                }
            }
        }

        void Add(CountedChain chain, ImmutableArray<Counter> before, ImmutableArray<Counter> after)
        {
            for (var i = 0; i < after.Length; i++)
            {
                var counted = after[i].Since(before.IsEmpty ? Counter.Zero : before[i]);
                if (counted == Counter.Zero)
                {
                    continue;
                }

                if (chain.Lines[i].Rule is { } rule)
                {
                    rules[rule] = Risen(rules.GetValueOrDefault(rule), counted);
                }

                if (chain.Lines[i].Denied is { } group)
                {
                    denied[group] = Risen(denied.GetValueOrDefault(group), counted);
                }

                dropped = chain.Lines[i].Total ? dropped + counted : dropped;
            }
        }

        CountedTotal Risen(CountedTotal? total, Counter by) => new((total?.Counter ?? Counter.Zero) + by, now, Reading);
    }

    private static void Trim<TKey>(ImmutableDictionary<TKey, CountedTotal>.Builder totals, HashSet<TKey> known)
        where TKey : notnull
    {
        var gone = totals.Count - known.Count;
        if (gone > MostGone)
        {
            totals.RemoveRange(totals.Where(t => !known.Contains(t.Key)).OrderBy(t => t.Value.LastHit).Take(gone - MostGone).Select(t => t.Key).ToList());
        }
    }

    private Digest TextOf(ImmutableArray<string> rules) =>
        _texts.TryGetValue(rules, out var known) ? known : Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n', rules)));
}
