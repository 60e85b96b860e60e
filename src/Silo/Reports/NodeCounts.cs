using Google.Protobuf.WellKnownTypes;
using Vallum.Cluster.Traffic;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Reports;

internal readonly record struct RuleName(string Policy, string Rule, Direction Direction, bool Staged);

internal readonly record struct GroupName(Direction Direction, string Profile);

/// <summary>Who is in a group of endpoints, as a node said it last.</summary>
internal sealed record GroupMembers(string Tenant, IReadOnlyList<string> Endpoints, int Count);

/// <summary>An amount of one node, and when it rose last.</summary>
internal readonly record struct Told(Amount Amount, DateTimeOffset? LastHit);

/// <summary>What one node has told of its counters. Every change is told to <paramref name="sums"/> too, while the node is in them.</summary>
internal sealed class NodeCounts(NodeStream stream, TrafficSums sums)
{
    // No node has so many; an agent that says so is not believed.
    private const int MostRules = 50_000;
    private const int MostGroups = 10_000;
    private const int MostPolicies = 50_000;
    private const int LongestName = 1024;

    private readonly Dictionary<RuleName, Told> _rules = [];
    private readonly Dictionary<GroupName, (Told Told, GroupMembers Members)> _groups = [];
    private readonly Dictionary<string, (Tier Tier, bool Merged, int Rules)> _policies = [];
    private readonly HashSet<RuleName> _risingRules = [];
    private readonly HashSet<GroupName> _risingGroups = [];
    private Timestamp? _since;

    // Over which the last reading's rises are spread; null: not known.
    private TimeSpan? _interval;

    public NodeStream Stream { get; private set; } = stream;

    /// <summary>Null: the stream has ended.</summary>
    public string? Session { get; set; }

    public DateTimeOffset EndedAt { get; set; }

    /// <summary>Everything that the node knows was told: it may be counted.</summary>
    public bool IsComplete { get; private set; }

    public bool IsCounted { get; private set; }

    public DateTimeOffset? ReadAt { get; private set; }

    public Amount Denied { get; private set; }

    /// <summary>What rules have met, staged ones too.</summary>
    public Amount Met { get; private set; }

    public ulong DriftRepairs { get; private set; }

    public void Take(NodeReport report)
    {
        var stream = Stream with { Run = report.Run, Number = report.Stream };
        var isNewStream = stream != Stream;
        Stream = stream;
        DriftRepairs = report.DriftRepairs;
        if (report.Counts is not { } counts)
        {
            return;
        }

        if (_since is not null && !_since.Equals(counts.Since))
        {
            // The agent lost its state: what it counted before is not part of what it tells now.
            Clear();
        }

        _since = counts.Since;
        var time = counts.Time?.ToDateTimeOffset();
        if (time != ReadAt)
        {
            // Between two streams more than one reading may have passed untold.
            _interval = !IsComplete ? null : isNewStream ? time - ReadAt : counts.Interval?.ToTimeSpan();
            Rest();
            ReadAt = time;
        }
        foreach (var policy in counts.Policies.Where(p => p.Policy.Length <= LongestName))
        {
            Take(policy, _interval);
        }

        foreach (var group in counts.Denied.Where(d => d.Profile.Length <= LongestName))
        {
            Take(group, _interval);
        }

        if (counts.DeniedPackets > Denied.Packets)
        {
            Denied = Denied.Told(counts.DeniedPackets, counts.DeniedBytes, _interval);
        }

        IsComplete |= !counts.More;
    }

    /// <summary>Puts all of it into the sums.</summary>
    public void Count()
    {
        if (!IsCounted)
        {
            IsCounted = true;
            Each(add: true);
        }
    }

    /// <summary>Takes all of it out of the sums.</summary>
    public void LeaveSums()
    {
        if (IsCounted)
        {
            Each(add: false);
            IsCounted = false;
        }
    }

    /// <summary>Nothing is known to go on: the rates end.</summary>
    public void Rest()
    {
        foreach (var rule in _risingRules)
        {
            Set(rule, _rules[rule] with { Amount = _rules[rule].Amount.WithoutRate });
        }

        foreach (var group in _risingGroups)
        {
            var (told, members) = _groups[group];
            Set(group, told with { Amount = told.Amount.WithoutRate }, members);
        }

        _risingRules.Clear();
        _risingGroups.Clear();
        Denied = Denied.WithoutRate;
    }

    private void Take(PolicyCounts message, TimeSpan? interval)
    {
        if (_policies.Count >= MostPolicies && !_policies.ContainsKey(message.Policy))
        {
            return;
        }

        var before = _policies.GetValueOrDefault(message.Policy);
        var rules = before.Rules;
        foreach (var rule in message.Rules.Where(r => r.Rule.Length <= LongestName))
        {
            var name = new RuleName(message.Policy, rule.Rule, rule.Direction, rule.Staged);
            var isNew = !_rules.TryGetValue(name, out var told);
            if (isNew && _rules.Count >= MostRules)
            {
                continue;
            }

            rules += isNew ? 1 : 0;
            var next = new Told(told.Amount.Told(rule.Packets, rule.Bytes, interval), rule.LastHit?.ToDateTimeOffset() ?? told.LastHit);
            Set(name, next);
            if (next.Amount.HasRate)
            {
                _risingRules.Add(name);
            }
        }

        var after = (message.Tier == Tier.Unspecified ? before.Tier : message.Tier, message.Merged, rules);
        _policies[message.Policy] = after;
        if (IsCounted)
        {
            sums.Policy(message.Policy, after.Item1, nodes: Counts(rules) - Counts(before.Rules), merged: Counts(message.Merged) - Counts(before.Merged));
        }
    }

    private void Take(DeniedCounts message, TimeSpan? interval)
    {
        var name = new GroupName(message.Direction, message.Profile);
        if (!_groups.TryGetValue(name, out var before) && _groups.Count >= MostGroups)
        {
            return;
        }

        var next = new Told(before.Told.Amount.Told(message.Packets, message.Bytes, interval), message.LastHit?.ToDateTimeOffset() ?? before.Told.LastHit);
        var members = message.EndpointCount == 0 && before.Members is { } known
            ? known
            : new GroupMembers(Name(message.Tenant), [.. message.Endpoints.Take(3).Select(Name)], (int)message.EndpointCount);
        Set(name, next, members);
        if (next.Amount.HasRate)
        {
            _risingGroups.Add(name);
        }
    }

    private void Set(RuleName name, Told told)
    {
        var difference = told.Amount - _rules.GetValueOrDefault(name).Amount;
        Met += difference;
        _rules[name] = told;
        if (IsCounted)
        {
            sums.Add(name, difference, told.LastHit);
        }
    }

    private void Set(GroupName name, Told told, GroupMembers members)
    {
        if (IsCounted)
        {
            var isNew = !_groups.TryGetValue(name, out var before);
            sums.Add(name, Stream.Node, told.Amount - before.Told.Amount, told.LastHit, members, isNew ? 1 : 0);
        }

        _groups[name] = (told, members);
    }

    private void Each(bool add)
    {
        foreach (var (name, told) in _rules)
        {
            sums.Add(name, add ? told.Amount : Amount.Zero - told.Amount, told.LastHit);
        }

        // Behind its rules: with its last node a policy leaves.
        foreach (var (policy, (tier, merged, rules)) in _policies)
        {
            sums.Policy(policy, tier, add ? Counts(rules) : -Counts(rules), add ? Counts(merged) : -Counts(merged));
        }

        foreach (var (name, (told, members)) in _groups)
        {
            sums.Add(name, Stream.Node, add ? told.Amount : Amount.Zero - told.Amount, told.LastHit, members, add ? 1 : -1);
        }
    }

    private void Clear()
    {
        var counted = IsCounted;
        LeaveSums();
        _rules.Clear();
        _groups.Clear();
        _policies.Clear();
        _risingRules.Clear();
        _risingGroups.Clear();
        (Denied, Met) = (Amount.Zero, Amount.Zero);
        IsComplete = false;
        IsCounted = counted;
    }

    private static string Name(string told) => told.Length <= LongestName ? told : "";

    private static int Counts(int rules) => rules > 0 ? 1 : 0;

    private static int Counts(bool merged) => merged ? 1 : 0;
}
