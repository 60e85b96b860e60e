using System.Collections.Immutable;
using Vallum.Dataplane.Parsing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Reading;

/// <summary>"-m set --match-set NAME src,…": by which end of the flow the set is asked.</summary>
internal readonly record struct SetMatch(string Set, bool OfSource, bool Negated);

/// <summary>
/// One rule's text, taken apart as far as the order of a change depends on it. <paramref name="Excepts"/>: it asks that the source or the destination is not
/// one block. <paramref name="HasMore"/>: it asks for something else besides.
/// <paramref name="Conditions"/>: the text before the target.
/// </summary>
internal sealed record RuleParts(
    string Conditions,
    Cidr? Source,
    Cidr? Destination,
    string? In,
    string? Out,
    ImmutableArray<SetMatch> Sets,
    bool Excepts,
    bool HasMore,
    string? Target,
    bool IsGoto)
{
    public bool IsUnconditional => Source is null && Destination is null && In is null && Out is null && Sets.IsEmpty && !Excepts && !HasMore;

    public static RuleParts Of(string rule)
    {
        Cidr? source = null;
        Cidr? destination = null;
        string? into = null;
        string? outOf = null;
        string? target = null;
        var isGoto = false;
        var excepts = false;
        var hasMore = false;
        var sets = ImmutableArray<SetMatch>.Empty;
        var conditions = rule;
        var at = 0;
        while (Word(rule, ref at) is { } word)
        {
            switch (word)
            {
                case "-s":
                    source = SavedAddress.Block(Word(rule, ref at) ?? "");
                    break;
                case "-d":
                    destination = SavedAddress.Block(Word(rule, ref at) ?? "");
                    break;
                case "-i":
                    into = Word(rule, ref at);
                    break;
                case "-o":
                    outOf = Word(rule, ref at);
                    break;
                case "!" when Word(rule, ref at) is "-s" or "-d":
                    _ = Word(rule, ref at);
                    excepts = true;
                    break;
                case "-m":
                    var module = Word(rule, ref at);
                    if (module == "set")
                    {
                        sets = sets.Add(Match(rule, ref at));
                    }
                    else if (module == "comment")
                    {
                        _ = Word(rule, ref at);
                        _ = Word(rule, ref at);
                    }
                    else
                    {
                        hasMore = true;
                    }

                    break;
                case "-j" or "-g":
                    isGoto = word == "-g";
                    conditions = rule[..Math.Max(0, at - 3)];
                    target = Word(rule, ref at);
                    at = rule.Length;
                    break;
                default:
                    hasMore = true;
                    break;
            }
        }

        return new RuleParts(conditions, source, destination, into, outOf, sets, excepts, hasMore, target, isGoto);
    }

    private static SetMatch Match(string rule, ref int at)
    {
        var word = Word(rule, ref at);
        var negated = word == "!";
        if (negated)
        {
            word = Word(rule, ref at);
        }

        var name = word == "--match-set" ? Word(rule, ref at) : word;
        return new SetMatch(name ?? "", Word(rule, ref at)?.StartsWith("src", StringComparison.Ordinal) ?? true, negated);
    }

    /// <summary>The next word, quotes and all; a quoted one may hold spaces. Null at the end.</summary>
    private static string? Word(string rule, ref int at)
    {
        while (at < rule.Length && rule[at] == ' ')
        {
            at++;
        }

        var start = at;
        var quoted = false;
        for (; at < rule.Length && (quoted || rule[at] != ' '); at++)
        {
            if (rule[at] == '\\')
            {
                at++;
            }
            else if (rule[at] == '"')
            {
                quoted = !quoted;
            }
        }

        at = Math.Min(at, rule.Length);
        return start == at ? null : rule[start..at];
    }
}
