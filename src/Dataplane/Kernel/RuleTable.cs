using System.Collections.Immutable;
using Vallum.Dataplane.Reading;

namespace Vallum.Dataplane.Kernel;

/// <summary>
/// Our part of the filter table of one family. A rule is the text that iptables-save prints behind "-A CHAIN "; protocols are tcp, udp, sctp, icmp,
/// ipv6-icmp or numbers.
/// </summary>
public sealed record RuleTable(ImmutableSortedDictionary<string, ImmutableArray<string>> Chains, ImmutableArray<Hook> Hooks)
{
    public static readonly RuleTable Empty = new(ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal), []);

    // Made once, when a change first asks for it: ten thousand rules are not read again for a member. "with" copies it, hence the chains beside it.
    private Read? _read;

    internal TableReading Reading
    {
        get
        {
            var read = _read;
            if (read is null || !ReferenceEquals(read.Chains, Chains) || read.Hooks != Hooks)
            {
                _read = read = new Read(Chains, Hooks, new TableReading(this));
            }

            return read.Reading;
        }
    }

    public bool Equals(RuleTable? other) => other is not null && ReferenceEquals(Chains, other.Chains) && Hooks == other.Hooks;

    public override int GetHashCode() => HashCode.Combine(Chains, Hooks);

    private sealed record Read(ImmutableSortedDictionary<string, ImmutableArray<string>> Chains, ImmutableArray<Hook> Hooks, TableReading Reading);
}

/// <summary>A rule of a built-in chain that leads into one of ours. <paramref name="Position"/> counts from 1.</summary>
public sealed record Hook(string BuiltIn, string Rule, int Position);
