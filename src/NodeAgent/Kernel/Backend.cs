using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Parsing;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

/// <summary>A flavour of iptables that works here: how many rules there are in it, and which are ours.</summary>
internal sealed record FlavourFound(Toolset Tools, int Rules, RulesFound Ours)
{
    public bool HasOurs => !Ours.V4.Chains.IsEmpty || !Ours.V6.Chains.IsEmpty;
}

/// <summary>Our rules of both families.</summary>
internal sealed record RulesFound(RuleTable V4, RuleTable V6);

/// <summary>Which iptables this node's other programs use.</summary>
internal static class Backend
{
    /// <summary>
    /// What there is of each flavour that can be used. The legacy tools are asked only where the kernel has a legacy table, or where there is nothing
    /// else: to ask them would create one.
    /// </summary>
    public static async Task<ImmutableArray<FlavourFound>> SurveyAsync(ProcessRunner processes, CancellationToken cancellationToken)
    {
        var nft = FindAsync(processes, IptablesFlavour.Nft, cancellationToken);
        var legacy = await HasLegacyTablesAsync(processes, cancellationToken) || await nft is null ? await FindAsync(processes, IptablesFlavour.Legacy, cancellationToken) : null;
        return [.. new[] { await nft, legacy }.OfType<FlavourFound>()];
    }

    /// <summary>The flavour that has more rules, ours included, so that a restart finds what it left; nf_tables where both are empty.</summary>
    public static Toolset Choose(ImmutableArray<FlavourFound> survey) =>
        survey.OrderByDescending(f => f.Rules).FirstOrDefault()?.Tools ?? new Toolset(IptablesFlavour.Plain);

    /// <summary>"1.8.9"; empty when the tools do not say.</summary>
    public static async Task<string> VersionAsync(ProcessRunner processes, Toolset tools, CancellationToken cancellationToken)
    {
        // "iptables-restore v1.8.9 (nf_tables)"
        var words = (await processes.RunAsync(new Invocation(tools.Restore(IpFamily.V4), ["--version"]), cancellationToken)).Split(' ', '\n');
        return words.FirstOrDefault(w => w.Length > 1 && w[0] == 'v' && char.IsAsciiDigit(w[1]))?[1..] ?? "";
    }

    /// <summary>Null when the flavour cannot be used here.</summary>
    private static async Task<FlavourFound?> FindAsync(ProcessRunner processes, IptablesFlavour flavour, CancellationToken cancellationToken)
    {
        var tools = new Toolset(flavour);
        try
        {
            var texts = await Task.WhenAll(new[] { IpFamily.V4, IpFamily.V6 }
                .Select(family => processes.RunAsync(new Invocation(tools.Save(family), []), cancellationToken)));
            return new FlavourFound(
                tools,
                texts.Sum(text => text.Split('\n').Count(line => line.StartsWith("-A ", StringComparison.Ordinal))),
                new RulesFound(SavedRules.Parse(texts[0]), SavedRules.Parse(texts[1])));
        }
        catch (CommandFailedException)
        {
            return null;
        }
    }

    /// <summary>Asked by a process like the tools: they need not run in the network namespace of this one. A file is missing where its module is.</summary>
    private static async Task<bool> HasLegacyTablesAsync(ProcessRunner processes, CancellationToken cancellationToken) =>
        (await processes.RunAsync(
            new Invocation("sh", ["-c", "cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null; true"]), cancellationToken)).Length > 0;
}
