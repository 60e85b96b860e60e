using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vallum.Dataplane.Counting;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Counters;

/// <summary>
/// The totals, and the counters that they were made of, as lines of words. After a restart the kernel goes on counting where it was, so that nothing is
/// lost but what was counted between the last writing and a rewrite of its chain. A file that cannot be read begins a new counting.
/// </summary>
internal static class CounterFile
{
    private const string Head = "vallum-counters-1";

    public static void Write(string path, CounterState state)
    {
        var text = new StringBuilder();
        Line(text, Head, Number(state.Since.ToUnixTimeMilliseconds()), Number(state.Run), Number(state.Page.Dropped));
        foreach (var (rule, total) in state.Page.Rules)
        {
            Line(text, "rule", rule.Policy, rule.Rule, $"{rule.Direction}", $"{rule.Tier}", rule.Staged ? "staged" : "enforced", Number(total));
        }

        foreach (var (group, total) in state.Page.Denied)
        {
            Line(text, "denied", $"{group.Direction}", group.Profile, Number(total));
        }

        foreach (var ((family, chain), mark) in state.Page.Marks)
        {
            Line(text, "chain", $"{family}", chain, Number(mark.Text.Value), string.Join(' ', mark.Counters.Select(Number)));
        }

        var next = path + ".new";
        File.WriteAllText(next, text.ToString());
        File.Move(next, path, overwrite: true);
    }

    /// <summary>Null when there is none, or none that can be used.</summary>
    public static CounterState? Read(string path)
    {
        try
        {
            return File.Exists(path) ? Parse(File.ReadAllLines(path)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static CounterState? Parse(string[] lines)
    {
        var rules = ImmutableDictionary.CreateBuilder<CountedRule, CountedTotal>();
        var denied = ImmutableDictionary.CreateBuilder<DeniedGroup, CountedTotal>();
        var marks = ImmutableDictionary.CreateBuilder<(IpFamily, string), ChainMark>();
        var head = Words(lines[0]);
        if (head[0] != Head)
        {
            return null;
        }

        foreach (var line in lines.Skip(1))
        {
            var words = Words(line);
            switch (words[0])
            {
                case "rule":
                    var rule = new CountedRule(words[1], words[2], Enum.Parse<Direction>(words[3]), Enum.Parse<Tier>(words[4]), words[5] == "staged");
                    rules[rule] = Total(words[6]);
                    break;
                case "denied":
                    denied[new DeniedGroup(Enum.Parse<Direction>(words[1]), words[2])] = Total(words[3]);
                    break;
                case "chain":
                    marks[(Enum.Parse<IpFamily>(words[1]), words[2])] = new ChainMark(
                        new Digest(UInt128.Parse(words[3], CultureInfo.InvariantCulture)),
                        [.. words[4].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Counter)]);
                    break;
            }
        }

        return new CounterState(
            Time(head[1]),
            ulong.Parse(head[2], CultureInfo.InvariantCulture),
            new CounterPage(rules.ToImmutable(), denied.ToImmutable(), Counter(head[3]), marks.ToImmutable()));
    }

    private static void Line(StringBuilder text, params ReadOnlySpan<string> words)
    {
        // A tab parts words; no name that the API takes has one, and one that has is not worth a broken file.
        foreach (var word in words)
        {
            text.Append(text.Length > 0 && text[^1] != '\n' ? "\t" : "").Append(word.Replace('\t', ' ').Replace('\n', ' '));
        }

        text.Append('\n');
    }

    private static string[] Words(string line) => line.Split('\t');

    private static string Number(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Number(Counter counter) => string.Create(CultureInfo.InvariantCulture, $"{counter.Packets}:{counter.Bytes}");

    private static string Number(CountedTotal total) => string.Create(
        CultureInfo.InvariantCulture, $"{total.Counter.Packets}:{total.Counter.Bytes}:{(total.LastHit == DateTimeOffset.MinValue ? 0 : total.LastHit.ToUnixTimeMilliseconds())}");

    private static Counter Counter(string text) => text.Split(':') is var parts
        ? new Counter(ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture))
        : default;

    private static CountedTotal Total(string text) => new(
        Counter(text), text.Split(':')[2] is "0" ? DateTimeOffset.MinValue : Time(text.Split(':')[2]), ChangedIn: 0);

    private static DateTimeOffset Time(string text) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text, CultureInfo.InvariantCulture));
}
