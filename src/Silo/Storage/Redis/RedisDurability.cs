namespace Vallum.Silo.Storage.Redis;

/// <summary>Reads from Redis' settings by what an acknowledged change can be lost.</summary>
internal static class RedisDurability
{
    /// <param name="server">Its name, for the sentences.</param>
    /// <param name="settings">As CONFIG GET tells them.</param>
    /// <returns>One sentence each; empty: none is known.</returns>
    public static IReadOnlyList<string> RisksOf(string server, IReadOnlyDictionary<string, string> settings)
    {
        List<string> risks = [];
        if (settings.GetValueOrDefault("appendonly") == "no")
        {
            risks.Add($"Redis at {server} keeps no log (appendonly no): when it ends, every acknowledged change since its last snapshot is lost. Set appendonly yes, appendfsync always.");
        }
        else if (settings.GetValueOrDefault("appendfsync") is { } sync and not "always")
        {
            risks.Add($"Redis at {server} answers before a change is on its disk (appendfsync {sync}): {Span(sync)} of acknowledged changes can be lost with its machine. Set appendfsync always.");
        }

        if (settings.GetValueOrDefault("maxmemory") is not (null or "0") && settings.GetValueOrDefault("maxmemory-policy", "").StartsWith("allkeys", StringComparison.Ordinal))
        {
            risks.Add($"Redis at {server} throws away keys when its memory is full (maxmemory-policy {settings["maxmemory-policy"]}). Set noeviction.");
        }

        return risks;
    }

    private static string Span(string sync) => sync == "everysec" ? "one to two seconds" : "about half a minute";
}
