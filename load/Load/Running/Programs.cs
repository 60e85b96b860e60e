namespace Vallum.Load.Running;

/// <summary>The programs that are measured, as this project's build made them.</summary>
internal static class Programs
{
    /// <summary>Another agent than the one of the build, such as a native one; a path, from the repository's root.</summary>
    private const string AgentVariable = "VALLUM_LOAD_AGENT";

    public static string Root { get; } = FindRoot();

    /// <summary>Another silo than the one of the build, to measure two of them in turns; a path, from the repository's root.</summary>
    private const string SiloVariable = "VALLUM_LOAD_SILO";

    public static string Silo { get; } = Path.Combine(
        Root, Environment.GetEnvironmentVariable(SiloVariable) ?? Path.Combine("artifacts", "bin", "Silo", "release", "vallum-silo"));

    public static string Agent { get; } = Path.Combine(
        Root, Environment.GetEnvironmentVariable(AgentVariable) ?? Path.Combine("artifacts", "bin", "NodeAgent", "release", "vallum-agent"));

    public static bool IsAgentNative => Agent.Contains($"{Path.DirectorySeparatorChar}publish{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "ControlPlane.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new DirectoryNotFoundException("ControlPlane.sln is in no directory above this program");
    }
}
