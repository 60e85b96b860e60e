using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Vallum.Load.Dataplane.Layouts;

/// <summary>A part of the layout that is left out to see what it costs: what is left is no layout any more, but for the one flow that is measured.</summary>
/// <param name="Edits">Patterns in the text for iptables-restore, and what stands there instead.</param>
internal sealed record TakenOut(string Name, ImmutableArray<(string Pattern, string Instead)> Edits)
{
    /// <summary>Known flows are accepted in FORWARD itself, as with 0 policies: each of their packets is spared a jump.</summary>
    public static readonly TakenOut Jump = new(
        "the jump before the rule for known flows",
        [
            ("^-A VALLUM-FORWARD .*ESTABLISHED.*\n", ""),
            ("^(-I FORWARD .*)$", "$1\n-I FORWARD 1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"),
        ]);

    public static readonly TakenOut Invalid = new("the rule for INVALID packets", [("^-A VALLUM-FORWARD .*INVALID.*\n", "")]);

    public static readonly TakenOut Lookups = new(
        "the lookups of the policies",
        [
            ("-m set --match-set vallum4-[gm]-\\S+ \\S+ -j RETURN", "-j RETURN"),
            ("^.*-m set --match-set vallum4-g-.* -g VALLUM-DENY\n", ""),
        ]);

    public static readonly TakenOut Dispatch = new("the dispatch, and all it leads to", [("^-A VALLUM-FORWARD -j VALLUM-(E|IN)GRESS\n", "")]);

    public static readonly ImmutableArray<TakenOut> All = [Jump, Invalid, Lookups, Dispatch];

    public string From(string text) => Edits.Aggregate(text, (left, edit) => Regex.Replace(left, edit.Pattern, edit.Instead, RegexOptions.Multiline));
}
