using Vallum.Testing.Cases;

namespace Vallum.EndToEnd.Tests.Running;

/// <summary>Where the programs are that this project's build made.</summary>
internal static class Programs
{
    public static string Silo { get; } = Path("Silo", "vallum-silo");

    public static string Agent { get; } = Path("NodeAgent", "vallum-agent");

    public static string Command { get; } = Path("Cli", "vallum");

    private static string Path(string project, string program)
    {
        var root = Repository.Root ?? throw new DirectoryNotFoundException("ControlPlane.sln is in no directory above this program");
        // The last folder of ours is the configuration that was built, "debug" or "release".
        var configuration = System.IO.Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
        return System.IO.Path.Combine(root, "artifacts", "bin", project, configuration, program);
    }
}
