using System.Globalization;

namespace Vallum.Lab;

/// <summary>Removes namespaces, and the processes in them.</summary>
internal static class Leftovers
{
    /// <summary>Removes what labs of processes that are no more have left behind; what a living process owns stays.</summary>
    public static Task SweepAsync(CancellationToken cancellationToken) =>
        RemoveAsync([.. NamespaceNames.All().Where(NamespaceNames.IsLeftBehind)], cancellationToken);

    /// <summary>Ends what still runs in the namespaces, then removes them, and with them every interface inside.</summary>
    public static async Task RemoveAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellationToken)
    {
        if (namespaces.Count == 0)
        {
            return;
        }
        try
        {
            var inside = await BatchAsync("pids", namespaces, cancellationToken);
            foreach (var process in inside.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                _ = Libc.Kill(int.Parse(process, CultureInfo.InvariantCulture), (int)ProcessSignal.Kill);
            }
            await BatchAsync("del", namespaces, cancellationToken);
        }
        catch (CommandFailedException) when (!NamespaceNames.All().Any(namespaces.Contains))
        {
            // Another process swept at the same time: what was to go is gone.
        }
    }

    private static Task<string> BatchAsync(string verb, IEnumerable<string> namespaces, CancellationToken cancellationToken) =>
        Command.RunAsync("ip", ["-force", "-batch", "-"], string.Join('\n', namespaces.Select(name => $"netns {verb} {name}")), cancellationToken);
}
