namespace Vallum.Chaos.Processes;

/// <summary>What this run starts.</summary>
internal static class Programs
{
    /// <summary>The silo that the environment names, or as this project's build made it: beside the running program, in the same configuration.</summary>
    public static string Silo { get; } = Environment.GetEnvironmentVariable("VALLUM_LOAD_SILO") is { Length: > 0 } named ? Path.GetFullPath(named) : Path.Combine(
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..")),
        "Silo",
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)),
        "vallum-silo");

    /// <summary>Null: there is none on the PATH.</summary>
    public static string? Redis { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "redis-server"))
        .FirstOrDefault(File.Exists);
}
