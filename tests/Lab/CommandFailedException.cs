namespace Vallum.Lab;

/// <summary>A command that the lab ran has failed: the message holds the command, its exit code and what it said.</summary>
public sealed class CommandFailedException(string message, Exception? cause = null) : Exception(message, cause);
