using System.Globalization;
using Vallum.NodeAgent.Status;

namespace Vallum.NodeAgent.Commands;

/// <summary>Prints what the agent of a state directory last wrote about itself.</summary>
internal static class StatusCommand
{
    public static int Run(string stateDirectory)
    {
        var running = IsRunning(Path.Combine(stateDirectory, "lock"));
        if (StatusFile.Read(Path.Combine(stateDirectory, "status.json")) is not { } status)
        {
            Console.Error.WriteLine($"error: no agent has written a status to {stateDirectory}");
            return ExitCode.Negative;
        }

        Line("node", status.Node);
        Line("agent", running ? "running" : "not running; the kernel keeps what it had");
        Line("backend", status.Backend);
        Line("kernel", status.Missing.Length == 0 ? string.Join(' ', status.Capabilities) : $"{string.Join(' ', status.Capabilities)}; lacks {string.Join(' ', status.Missing)}");
        Line("applied", status.AppliedAt is { } at ? $"{Time(at)}, digest {status.AppliedDigest}" : "nothing yet");
        Line("endpoints", status.Endpoints.ToString(CultureInfo.InvariantCulture));
        Line("last apply", status.LastApply is { } took ? string.Create(CultureInfo.InvariantCulture, $"{took.TotalMilliseconds:0.0} ms") : "-");
        Line("drift repairs", status.DriftRepairs.ToString(CultureInfo.InvariantCulture));
        Line("ended flows", status.RevocationFailure ?? status.EndedFlows.ToString(CultureInfo.InvariantCulture));
        Line("control plane", status.Since is not { } since ? "not tried yet"
            : status.ConnectedTo is { } server && running ? $"connected to {server} since {Time(since)}" : $"not connected since {Time(since)}");
        Line("warning", status.Warning ?? "none");
        Line("last error", status.LastError ?? "none");
        return running && status.LastError is null && status.AppliedAt is not null ? ExitCode.Ok : ExitCode.Negative;
    }

    private static bool IsRunning(string lockPath)
    {
        if (!File.Exists(lockPath))
        {
            return false;
        }

        using var owned = StateDirectory.TryOwn(lockPath);
        return owned is null;
    }

    private static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static void Line(string name, string value) => Console.Out.WriteLine($"{name + ":",-15} {value}");
}
