using Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Reports;

/// <summary>A policy over all nodes that are counted here.</summary>
internal sealed class PolicySum
{
    public Tier Tier { get; set; }

    public int Nodes { get; set; }

    public int Merged { get; set; }

    /// <summary>Of all its rules.</summary>
    public Amount Amount { get; set; }

    public DateTimeOffset? LastHit { get; set; }

    public Dictionary<RuleName, Told> Rules { get; } = [];
}

/// <summary>A group of endpoints over all nodes that are counted here.</summary>
internal sealed class GroupSum
{
    public Amount Amount { get; set; }

    public DateTimeOffset? LastHit { get; set; }

    public int Nodes { get; set; }

    /// <summary>By node.</summary>
    public Dictionary<string, GroupMembers> Members { get; } = [];
}

/// <summary>What all nodes that are counted here have counted together. Kept up to date with every difference, so that no question has to add up nodes.</summary>
internal sealed class TrafficSums
{
    public Dictionary<string, PolicySum> Policies { get; } = [];

    public Dictionary<GroupName, GroupSum> Groups { get; } = [];

    public void Policy(string policy, Tier tier, int nodes, int merged)
    {
        var sum = Of(policy);
        (sum.Tier, sum.Nodes, sum.Merged) = (tier, sum.Nodes + nodes, sum.Merged + merged);
        if (sum is { Nodes: 0, Merged: 0 })
        {
            Policies.Remove(policy);
        }
    }

    public void Add(RuleName rule, Amount difference, DateTimeOffset? lastHit)
    {
        var sum = Of(rule.Policy);
        var before = sum.Rules.GetValueOrDefault(rule);
        sum.Rules[rule] = new Told(before.Amount + difference, Later(before.LastHit, lastHit));
        (sum.Amount, sum.LastHit) = (sum.Amount + difference, Later(sum.LastHit, lastHit));
    }

    public void Add(GroupName group, string node, Amount difference, DateTimeOffset? lastHit, GroupMembers members, int nodes)
    {
        if (!Groups.TryGetValue(group, out var sum))
        {
            Groups[group] = sum = new GroupSum();
        }

        (sum.Amount, sum.LastHit, sum.Nodes) = (sum.Amount + difference, Later(sum.LastHit, lastHit), sum.Nodes + nodes);
        if (nodes < 0)
        {
            sum.Members.Remove(node);
        }
        else
        {
            sum.Members[node] = members;
        }

        if (sum.Nodes == 0)
        {
            Groups.Remove(group);
        }
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;

    private PolicySum Of(string policy)
    {
        if (!Policies.TryGetValue(policy, out var sum))
        {
            Policies[policy] = sum = new PolicySum();
        }

        return sum;
    }
}
