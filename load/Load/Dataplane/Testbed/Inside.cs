using System.Collections.Immutable;
using System.Diagnostics;
using Vallum.Load.Dataplane.Updates;

namespace Vallum.Load.Dataplane.Testbed;

/// <summary>This program once more, as a process that is in a router's namespace from its first to its last instruction.</summary>
internal static class Inside
{
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static async Task<ImmutableArray<ChangeRow>> RunAsync(Router router, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("ip", ["netns", "exec", router.Namespace, Environment.ProcessPath!, .. arguments]) { RedirectStandardOutput = true };

        // The agent that is shipped is compiled beforehand, knows no slower first version of its code, collects on no thread beside, and what is
        // large to it begins at 16 MiB (hexadecimal here).
        start.Environment["DOTNET_TieredCompilation"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_GCLOHThreshold"] = "1000000";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? [.. output.Split('\n').Select(ChangeRow.Parse).OfType<ChangeRow>()]
            : throw new InvalidOperationException($"{arguments[0]} inside {router.Namespace} ended with {process.ExitCode}");
    }
}
