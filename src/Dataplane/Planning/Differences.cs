using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>Where what is there differs from what is wanted, in words for an operator: one element per chain, hook or set.</summary>
public static class Differences
{
    public static ImmutableArray<string> Between(KernelState there, KernelState wanted) =>
    [
        .. Between(there.V4, wanted.V4, IpFamily.V4),
        .. Between(there.V6, wanted.V6, IpFamily.V6),
        .. wanted.Sets.Values.Select(s => Of(s, there)).OfType<string>(),
        .. there.Sets.Keys.Where(name => !wanted.Sets.ContainsKey(name)).Select(name => $"set {name} is not wanted"),
    ];

    public static ImmutableArray<string> Between(RuleTable there, RuleTable wanted, IpFamily family)
    {
        var tool = family == IpFamily.V4 ? "iptables" : "ip6tables";
        return
        [
            .. there.Hooks.SequenceEqual(wanted.Hooks) ? (string[])[] : [$"{tool}: the jumps from the built-in chains are not ours first"],
            .. wanted.Chains.Select(c => Of(tool, c.Key, there, c.Value)).OfType<string>(),
            .. there.Chains.Keys.Where(name => !wanted.Chains.ContainsKey(name)).Select(name => $"{tool}: chain {name} is not wanted"),
        ];
    }

    private static string? Of(string tool, string chain, RuleTable there, ImmutableArray<string> wanted)
    {
        if (!there.Chains.TryGetValue(chain, out var rules))
        {
            return $"{tool}: chain {chain} is missing";
        }

        var at = rules.Zip(wanted).TakeWhile(pair => pair.First == pair.Second).Count();
        return at == wanted.Length && at == rules.Length
            ? null
            : $"{tool}: chain {chain} rule {at + 1} is '{rules.ElementAtOrDefault(at)}', not '{wanted.ElementAtOrDefault(at)}'";
    }

    private static string? Of(KernelSet wanted, KernelState there)
    {
        if (!there.Sets.TryGetValue(wanted.Name, out var set))
        {
            return $"set {wanted.Name} is missing";
        }

        if (set.Type != wanted.Type || set.Family != wanted.Family || set.MaxMembers != wanted.MaxMembers)
        {
            return $"set {wanted.Name} is not of the wanted type and size";
        }

        var change = MemberSet.Between(set.Members, wanted.Members);
        return change.IsNone ? null : $"set {wanted.Name} lacks {change.Added.Length} members and has {change.Removed.Length} that are not wanted";
    }
}
