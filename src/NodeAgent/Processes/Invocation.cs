using System.Collections.Immutable;
using Vallum.NodeAgent.Kernel;

namespace Vallum.NodeAgent.Processes;

/// <summary>A command to run, with what it reads from its standard input.</summary>
internal sealed record Invocation(string Program, ImmutableArray<string> Arguments, string Input = "")
{
    public override string ToString() => Arguments.IsEmpty ? Program : $"{Program} {string.Join(' ', Arguments)}";
}

/// <summary>A command that did not do what it should. The message has its own words.</summary>
internal sealed class CommandFailedException(Invocation invocation, int? exitCode, string error)
    : KernelFailedException($"`{invocation}` {Outcome(exitCode)}: {Words(error)}")
{
    public string Error { get; } = error;

    private static string Outcome(int? exitCode) => exitCode is { } code ? $"ended with {code}" : "did not end in time and was killed";

    // A tool that refuses 100,000 lines may say so 100,000 times.
    private static string Words(string error)
    {
        var text = error.Trim();
        return text.Length == 0 ? "it said nothing" : text.Length <= 2000 ? text : text[..2000] + " …";
    }
}
