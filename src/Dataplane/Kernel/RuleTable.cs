using System.Collections.Immutable;

namespace Vallum.Dataplane.Kernel;

/// <summary>
/// Our part of the filter table of one family. A rule is the text that iptables-save prints behind "-A CHAIN "; protocols are tcp, udp, sctp, icmp,
/// ipv6-icmp or numbers.
/// </summary>
public sealed record RuleTable(ImmutableSortedDictionary<string, ImmutableArray<string>> Chains, ImmutableArray<Hook> Hooks)
{
    public static readonly RuleTable Empty = new(ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal), []);
}

/// <summary>A rule of a built-in chain that leads into one of ours. <paramref name="Position"/> counts from 1.</summary>
public sealed record Hook(string BuiltIn, string Rule, int Position);
