namespace Vallum.Load.Reports;

/// <summary>
/// docs/performance.md: what a person wrote, and between <c>&lt;!-- measured: NAME --&gt;</c> and <c>&lt;!-- end: NAME --&gt;</c> what the last run printed.
/// </summary>
internal sealed class PerformancePage(string path)
{
    /// <exception cref="InvalidDataException">The page has no such part.</exception>
    public async Task WriteAsync(string part, string content, CancellationToken cancellationToken)
    {
        var page = await File.ReadAllTextAsync(path, cancellationToken);
        var begin = $"<!-- measured: {part} -->\n";
        var end = $"<!-- end: {part} -->";
        var from = page.IndexOf(begin, StringComparison.Ordinal);
        var to = page.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from)
        {
            throw new InvalidDataException($"{path} has no part between '{begin.TrimEnd()}' and '{end}'");
        }

        await File.WriteAllTextAsync(path, $"{page[..(from + begin.Length)]}\n{content.Trim()}\n\n{page[to..]}", cancellationToken);
    }
}
