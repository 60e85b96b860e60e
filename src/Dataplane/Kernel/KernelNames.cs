using System.Text;
using Vallum.Primitives;

namespace Vallum.Dataplane.Kernel;

/// <summary>
/// The names of everything that is ours. A chain begins with "VALLUM-" (the kernel takes 28 characters), a set with "vallum4-" or "vallum6-" by its
/// family (31 characters). Those prefixes are reserved: what carries one is kept as wanted or removed, what carries none is never touched.
/// </summary>
public static class KernelNames
{
    public const string ChainPrefix = "VALLUM-";

    /// <summary>Reached from FORWARD: everything that passes through the node.</summary>
    public const string Forward = "VALLUM-FORWARD";

    /// <summary>Reached from INPUT: the source address of what endpoints send to their node, and, where policies select the node, all that it receives.</summary>
    public const string Input = "VALLUM-INPUT";

    /// <summary>Reached from OUTPUT, only where a policy selects the node for egress: all that the node itself sends.</summary>
    public const string Output = "VALLUM-OUTPUT";

    /// <summary>Root of the dispatch by source of what comes over bridges: an address comes through its own port.</summary>
    public const string Ports = "VALLUM-PORTS";

    /// <summary>Root of the dispatch by local source.</summary>
    public const string Egress = "VALLUM-EGRESS";

    /// <summary>Root of the dispatch by local destination.</summary>
    public const string Ingress = "VALLUM-INGRESS";

    /// <summary>Denies what comes from an interface of ours and is not its own; what a leaf of the dispatch by source knows need not come here.</summary>
    public const string Sources = "VALLUM-SOURCES";

    /// <summary>Denies what goes to an interface of ours and is not for its own; likewise.</summary>
    public const string Destinations = "VALLUM-DESTINATIONS";

    /// <summary>Drops, and logs where that is asked for.</summary>
    public const string Deny = "VALLUM-DENY";

    public const int LongestChain = 28;
    public const int LongestSet = 31;

    public static bool IsOurChain(string name) => name.StartsWith(ChainPrefix, StringComparison.Ordinal);

    public static bool IsOurSet(string name) =>
        name.StartsWith("vallum4-", StringComparison.Ordinal) || name.StartsWith("vallum6-", StringComparison.Ordinal);

    /// <summary>`VALLUM-{kind}-{16 digits of the key's hash}`; kind has at most 4 letters.</summary>
    public static string Chain(string kind, string key) => $"{ChainPrefix}{kind}-{Hash(key, 16)}";

    /// <summary>A set that there is once per family: gate, local.</summary>
    public static string Set(IpFamily family, string kind) => family == IpFamily.V4 ? $"vallum4-{kind}" : $"vallum6-{kind}";

    /// <summary>`vallum4-{kind}-{20 digits of the key's hash}`; kind is one letter.</summary>
    public static string Set(IpFamily family, string kind, string key) => $"{Set(family, kind)}-{Hash(key, 20)}";

    private static string Hash(string key, int digits) => Digest.Of(Encoding.UTF8.GetBytes(key)).ToString()[..digits];
}
