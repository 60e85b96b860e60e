using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

public enum IptablesFlavour
{
    Legacy,
    Nft,

    /// <summary>The tools without a suffix: whatever they are.</summary>
    Plain,
}

/// <summary>The names of the iptables programs of one flavour.</summary>
internal sealed record Toolset(IptablesFlavour Flavour)
{
    public string Restore(IpFamily family) => Program(family, "restore");

    public string Save(IpFamily family) => Program(family, "save");

    public override string ToString() => Flavour switch
    {
        IptablesFlavour.Legacy => "iptables-legacy",
        IptablesFlavour.Nft => "iptables-nft",
        _ => "iptables",
    };

    private string Program(IpFamily family, string verb) => (family, Flavour) switch
    {
        (IpFamily.V4, IptablesFlavour.Plain) => $"iptables-{verb}",
        (_, IptablesFlavour.Plain) => $"ip6tables-{verb}",
        (IpFamily.V4, var flavour) => $"iptables-{Word(flavour)}-{verb}",
        (_, var flavour) => $"ip6tables-{Word(flavour)}-{verb}",
    };

    private static string Word(IptablesFlavour flavour) => flavour == IptablesFlavour.Legacy ? "legacy" : "nft";
}
