namespace Vallum.Manifests.Parsing;

/// <summary>The most that one object may hold. Counts, unless the name says characters.</summary>
public static class Limits
{
    /// <summary>Rules of one policy, both directions together.</summary>
    public const int Rules = 1_000;

    /// <summary>Peers of one rule.</summary>
    public const int Peers = 1_000;

    /// <summary>Services of one rule.</summary>
    public const int Services = 1_000;

    /// <summary>Port matches of one service.</summary>
    public const int Ports = 256;

    /// <summary>Excepted blocks of one block.</summary>
    public const int Excepts = 1_000;

    /// <summary>Selectors in a policy's subject.</summary>
    public const int Subjects = 256;

    /// <summary>Labels of one object.</summary>
    public const int Labels = 64;

    /// <summary>Conditions of one label selector: matchLabels and matchExpressions together.</summary>
    public const int Requirements = 64;

    /// <summary>Values of one condition.</summary>
    public const int Values = 256;

    /// <summary>Segments, or tenants, that one selector names.</summary>
    public const int Names = 256;

    /// <summary>Addresses of one endpoint or node.</summary>
    public const int Addresses = 16;

    /// <summary>Named ports of one endpoint.</summary>
    public const int NamedPorts = 128;

    /// <summary>Blocks of one network set: about 1 MB of the API's 4 MB per message.</summary>
    public const int Cidrs = 50_000;

    /// <summary>External ids of one tenant.</summary>
    public const int ExternalIds = 32;

    /// <summary>Characters of one external id, its key or its value.</summary>
    public const int ExternalIdCharacters = 253;

    /// <summary>Characters of a policy's description.</summary>
    public const int DescriptionCharacters = 4_096;

    /// <summary>Characters of a rule's name; that of ClusterNetworkPolicy.</summary>
    public const int RuleNameCharacters = 100;

    /// <summary>Violations that are reported of one object.</summary>
    public const int Violations = 100;

    /// <summary>The highest priority number of an operator's policy.</summary>
    public const int Priority = 1_000;
}
