using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>What the chains of one class of profiles are named and written by.</summary>
internal sealed record ChainFrame(IpFamily Family, Direction Direction, string Class, RenderOptions Options)
{
    // The prefix of an NFLOG message: 63 characters and a zero.
    private const int LongestLogPrefix = 63;

    private string Letter => Direction == Direction.Ingress ? "I" : "E";

    /// <summary>Where the class's endpoints are judged.</summary>
    public string Name => KernelNames.Chain($"P{Letter}", Class);

    /// <summary>Where a Pass of the Admin tier leads: the tiers behind it.</summary>
    public string Rest => KernelNames.Chain($"Q{Letter}", Class);

    public RuleOrigin Nobody(string rule, Tier tier) => new(null, rule, Direction, tier, false);

    public RunFrame Run(string name, string? decide, string? cutEnd) => new(Family, Direction, $"{Class}\n{Direction}\n{name}", decide, cutEnd, Options.UncutRanges, Options.UncopiedMembers);

    /// <summary>The rule as rules of its own: all its matches, or only those that a merged run leaves to it.</summary>
    /// <param name="decide">Where a flow goes that matches; null: RETURN.</param>
    public IEnumerable<RuleLine> Lines(AskedRule rule, bool merged, string? decide, ICollection<SharedSet> uses)
    {
        if (rule.Closed)
        {
            return [new RuleLine(RuleText.All.Goto(KernelNames.Deny), rule.Origin(Direction))];
        }

        var matches = merged ? rule.Matches.Where(m => !rule.Merges(m, Direction)).ToArray() : [.. rule.Matches];
        if (matches.Length == 0)
        {
            return [];
        }

        var origin = rule.Origin(Direction);
        var conditions = new MatchRules(Family, Direction, uses);
        return matches.SelectMany(conditions.Of).SelectMany(condition => Lines(rule, condition, decide)).Select(text => new RuleLine(text, origin));
    }

    private IEnumerable<string> Lines(AskedRule rule, RuleText condition, string? decide)
    {
        if (rule.Log)
        {
            yield return Log(condition, rule);
        }

        yield return rule.Outcome == Outcome.Count ? condition.Count() : decide is null ? condition.Return() : condition.Goto(decide);
    }

    private string Log(RuleText condition, AskedRule rule)
    {
        var words = $"{rule.Policy.Policy}/{rule.Rule.Name}";
        var prefix = new string([.. words.Take(LongestLogPrefix).Select(c => char.IsAsciiLetterOrDigit(c) || "/-._@".Contains(c) ? c : '_')]);

        // The slash makes iptables-save print quotes.
        return condition.And("-m limit --limit 10/sec --limit-burst 20")
            .Jump(string.Create(CultureInfo.InvariantCulture, $"NFLOG --nflog-prefix \"{prefix}\" --nflog-group {Options.LogGroup ?? 9}"));
    }
}
