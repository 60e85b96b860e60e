using System.Collections.Immutable;
using Vallum.NodeAgent.Kernel.Ipset;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

/// <summary>What this kernel and its tools can do of what we ask. Words: "sets:netlink", "set:hash:net/7" (type and revision), "match:multiport".</summary>
internal sealed record Capabilities(ImmutableArray<string> Present, ImmutableArray<string> Missing)
{
    // What rules of ours ask for, beside sets; the family is 6 where only IPv6 has it. A match that the kernel lacks is refused at parsing already.
    private static readonly ImmutableArray<(string Word, IpFamily? Family, string Rule)> Trials =
    [
        ("match:conntrack", null, "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"),
        ("match:multiport", null, "-p tcp -m multiport --dports 80,8000:8999 -j RETURN"),
        ("match:comment", null, "-m comment --comment trial"),
        ("match:limit", null, "-m limit --limit 10/sec -j RETURN"),
        ("target:NFLOG", null, "-j NFLOG --nflog-group 1"),
        ("match:hl", IpFamily.V6, "-p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT"),
    ];

    /// <summary>The types of sets that the layout needs and this kernel lacks, in words; null when it has them, or when ipset is to find out.</summary>
    public static string? Indispensable(IKernelSets sets) =>
        sets is NetlinkSets netlink && IpsetType.All.Where(t => !netlink.Revisions.ContainsKey(t.Type)).Select(t => t.Name).ToArray() is { Length: > 0 } lacking
            ? $"the kernel lacks the set types {string.Join(" and ", lacking)} (with nomatch): load the modules {string.Join(", ", lacking.Select(Module))}"
            : null;

    /// <summary>Asks the tools, which ask the kernel for the extensions of a rule when they parse it. Nothing is written.</summary>
    public static async Task<Capabilities> ProbeAsync(IKernelSets sets, ProcessRunner processes, Toolset tools, CancellationToken cancellationToken)
    {
        string[] ofSets = sets is NetlinkSets netlink
            ? ["sets:netlink", .. netlink.Revisions.OrderBy(r => r.Key).Select(r => $"set:{Dataplane.Kernel.KernelSet.TypeName(r.Key)}/{r.Value}")]
            : ["sets:tools"];
        var missing = new HashSet<string>();
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            var trials = Trials.Where(t => t.Family is null || t.Family == family).ToArray();
            if (await TakesAsync(family, trials.Select(t => t.Rule)))
            {
                continue;
            }

            foreach (var (word, _, rule) in trials)
            {
                if (!await TakesAsync(family, [rule]))
                {
                    missing.Add(word);
                }
            }
        }

        return new Capabilities([.. ofSets, .. Trials.Select(t => t.Word).Where(w => !missing.Contains(w))], [.. missing.Order(StringComparer.Ordinal)]);

        async Task<bool> TakesAsync(IpFamily family, IEnumerable<string> rules)
        {
            var text = $"*filter\n:VALLUM-TRIAL - [0:0]\n{string.Concat(rules.Select(r => $"-A VALLUM-TRIAL {r}\n"))}COMMIT\n";
            try
            {
                await processes.RunAsync(new Invocation(tools.Restore(family), ["--noflush", "--test", "-w", "30"], text), cancellationToken);
                return true;
            }
            catch (CommandFailedException)
            {
                return false;
            }
        }
    }

    private static string Module(string type) => $"ip_set_{type.Replace(":", "_", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal)}";
}
