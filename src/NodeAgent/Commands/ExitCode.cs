namespace Vallum.NodeAgent.Commands;

internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>`status`: no agent runs, or what it wants is not in the kernel. `run`: another agent uses the state directory.</summary>
    public const int Negative = 1;

    public const int Usage = 2;

    /// <summary>The kernel, a tool or the file system refused.</summary>
    public const int Internal = 8;
}
