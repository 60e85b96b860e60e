namespace Vallum.Load.Compiling;

/// <summary>What is aimed at, and what a peer took on such a machine with nothing else running.</summary>
/// <param name="Peer">Its name and figures.</param>
/// <param name="Seconds">From nothing until it is known what every node is to hold.</param>
/// <param name="ResidentMiB">Null: nothing is aimed at.</param>
internal sealed record CompileTarget(string Peer, double Seconds, int? ResidentMiB)
{
    /// <summary>"Endpoint created → difference known", median, microseconds. Antrea: 340.</summary>
    public const double EndpointMicroseconds = 50;

    /// <summary>The most by which one and the same change may take longer where more policies are loaded.</summary>
    public const double LoadedRatio = 1.3;

    /// <summary>By shape.</summary>
    public static readonly IReadOnlyDictionary<string, CompileTarget> Of = new Dictionary<string, CompileTarget>
    {
        ["small-tenants"] = new("Antrea 6.7 s, 2,079 MiB", 2.0, 700),
        ["overlapping"] = new("Antrea 10.7 s (published; its endpoints look alike)", 1.0, null),
        ["alike"] = new("Antrea 10.7 s (published)", 1.0, null),
        ["policy-per-endpoint"] = new("Antrea 76 s", 1.0, null),
        ["teams"] = new("Antrea 2.95 s, 1,327 MiB", 1.0, 500),
    };
}
