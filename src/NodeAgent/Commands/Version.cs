using System.Reflection;

namespace Vallum.NodeAgent.Commands;

internal static class Version
{
    /// <summary>"0.1.0+…": the version and the source revision that it was built from.</summary>
    public static readonly string Text =
        typeof(Version).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
