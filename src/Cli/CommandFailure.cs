namespace Vallum.Cli;

/// <summary>The command cannot go on; says so on standard error and ends with the exit code.</summary>
internal sealed class CommandFailure(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
