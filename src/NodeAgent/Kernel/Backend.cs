using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

/// <summary>Which iptables this node's other programs use.</summary>
internal static class Backend
{
    /// <summary>
    /// The flavour that has more rules, ours included, so that a restart finds what it left; nf_tables where both are empty, and where the kernel
    /// has no legacy filter table: to ask the legacy tools would create one.
    /// </summary>
    public static async Task<Toolset> DetectAsync(ProcessRunner processes, CancellationToken cancellationToken)
    {
        var nft = await CountRulesAsync(processes, IptablesFlavour.Nft, cancellationToken);
        var legacy = HasLegacyTables() || nft is null ? await CountRulesAsync(processes, IptablesFlavour.Legacy, cancellationToken) : null;
        return (nft, legacy) switch
        {
            (null, null) => new Toolset(IptablesFlavour.Plain),
            (null, _) => new Toolset(IptablesFlavour.Legacy),
            (_, null) => new Toolset(IptablesFlavour.Nft),
            var (n, l) => new Toolset(l > n ? IptablesFlavour.Legacy : IptablesFlavour.Nft),
        };
    }

    /// <summary>The flavours that this node may have rules of.</summary>
    public static async Task<IptablesFlavour[]> UsableAsync(ProcessRunner processes, CancellationToken cancellationToken)
    {
        var nft = await CountRulesAsync(processes, IptablesFlavour.Nft, cancellationToken) is not null;
        var legacy = (HasLegacyTables() || !nft) && await CountRulesAsync(processes, IptablesFlavour.Legacy, cancellationToken) is not null;
        return (nft, legacy) switch
        {
            (true, true) => [IptablesFlavour.Nft, IptablesFlavour.Legacy],
            (true, false) => [IptablesFlavour.Nft],
            (false, true) => [IptablesFlavour.Legacy],
            _ => [IptablesFlavour.Plain],
        };
    }

    /// <summary>"1.8.9"; empty when the tools do not say.</summary>
    public static async Task<string> VersionAsync(ProcessRunner processes, Toolset tools, CancellationToken cancellationToken)
    {
        // "iptables-restore v1.8.9 (nf_tables)"
        var words = (await processes.RunAsync(new Invocation(tools.Restore(IpFamily.V4), ["--version"]), cancellationToken)).Split(' ', '\n');
        return words.FirstOrDefault(w => w.Length > 1 && w[0] == 'v' && char.IsAsciiDigit(w[1]))?[1..] ?? "";
    }

    /// <summary>Null when the flavour cannot be used here.</summary>
    private static async Task<int?> CountRulesAsync(ProcessRunner processes, IptablesFlavour flavour, CancellationToken cancellationToken)
    {
        var tools = new Toolset(flavour);
        try
        {
            var count = 0;
            foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
            {
                var text = await processes.RunAsync(new Invocation(tools.Save(family), []), cancellationToken);
                count += text.Split('\n').Count(line => line.StartsWith("-A ", StringComparison.Ordinal));
            }

            return count;
        }
        catch (CommandFailedException)
        {
            return null;
        }
    }

    private static bool HasLegacyTables() => IsListed("/proc/net/ip_tables_names") || IsListed("/proc/net/ip6_tables_names");

    private static bool IsListed(string path) => File.Exists(path) && File.ReadAllLines(path).Length > 0;
}
