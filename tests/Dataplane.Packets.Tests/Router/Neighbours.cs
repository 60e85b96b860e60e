using System.Text;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.Dataplane.Packets.Tests.Router;

/// <summary>
/// What others have on the node: chains and sets whose names are almost ours, rules in the built-in chains, and a large nat table that its owner writes
/// anew all the time, as kube-proxy does.
/// </summary>
internal sealed class Neighbours(string space, IptablesFlavour flavour)
{
    private const int NatChains = 1000;
    private const int NatRules = 20;

    private readonly Toolset _tools = new(flavour);

    /// <summary>Chains and sets of others. They judge nothing that tests send.</summary>
    public async Task MoveInAsync()
    {
        await Tool.FeedAsync(
            space,
            "create vallum hash:ip\ncreate vallum4x hash:net\ncreate vallum6 hash:ip family inet6\ncreate Vallum4-g hash:ip\n" +
            "add vallum 192.0.2.1\nadd vallum4x 192.0.2.0/25\n",
            "ipset", "restore");
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            var host = family == IpFamily.V4 ? "192.0.2.1/32" : "2001:db8:ffff::1/128";
            await Tool.FeedAsync(
                space,
                "*filter\n:VALLUMX - [0:0]\n:vallum-x - [0:0]\n:XVALLUM-FORWARD - [0:0]\n" +
                $"-A FORWARD -s {host} -j VALLUMX\n-A VALLUMX -j vallum-x\n-A vallum-x -m comment --comment vallum -j XVALLUM-FORWARD\n" +
                $"-A XVALLUM-FORWARD -j DROP\n-A INPUT -s {host} -m comment --comment \"VALLUM-INPUT\" -j DROP\nCOMMIT\n",
                _tools.Restore(family), "--noflush", "-w", "30");
        }
    }

    /// <summary>Everything on the node that is not ours, as the tools print it.</summary>
    public async Task<string> DumpAsync()
    {
        var text = new StringBuilder();
        foreach (var tool in new[] { _tools.Save(IpFamily.V4), _tools.Save(IpFamily.V6) })
        {
            text.Append(await Tool.InAsync(space, tool));
        }

        text.Append(await Tool.InAsync(space, "ipset", "save"));
        return string.Join('\n', text.ToString().Split('\n').Where(line => !IsOurs(line) && !line.StartsWith('#')).Select(WithoutCounts));
    }

    /// <summary>Writes the whole nat table of IPv4 again.</summary>
    public Task RewriteNatAsync(int variant) => Tool.FeedAsync(space, Nat(variant), _tools.Restore(IpFamily.V4), "-w", "60");

    private static string Nat(int variant)
    {
        var text = new StringBuilder("*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n")
            .Append(":KUBE-SERVICES - [0:0]\n");
        for (var chain = 0; chain < NatChains; chain++)
        {
            text.Append(":KUBE-SVC-").Append(chain).Append(" - [0:0]\n");
        }

        text.Append("-A PREROUTING -d 10.96.0.0/12 -j KUBE-SERVICES\n");
        for (var chain = 0; chain < NatChains; chain++)
        {
            text.Append("-A KUBE-SERVICES -d 10.96.").Append(chain >> 8).Append('.').Append(chain & 255).Append("/32 -p tcp -m tcp --dport ")
                .Append(variant).Append(" -j KUBE-SVC-").Append(chain).Append('\n');
            for (var rule = 1; rule < NatRules; rule++)
            {
                text.Append("-A KUBE-SVC-").Append(chain).Append(" -p tcp -m tcp --dport ").Append(rule).Append(" -j DNAT --to-destination 10.64.")
                    .Append(chain >> 8).Append('.').Append(chain & 255).Append(':').Append(rule).Append('\n');
            }
        }

        return text.Append("COMMIT\n").ToString();
    }

    /// <summary>Our chains, our jumps and our sets.</summary>
    private static bool IsOurs(string line) =>
        new[] { ":VALLUM-", "-A VALLUM-", "-j VALLUM-", " vallum4-", " vallum6-" }.Any(word => line.Contains(word, StringComparison.Ordinal));

    /// <summary>":FORWARD ACCEPT [12:720]" without what passed.</summary>
    private static string WithoutCounts(string line) => line.StartsWith(':') ? line[..line.LastIndexOf(' ')] : line;
}
