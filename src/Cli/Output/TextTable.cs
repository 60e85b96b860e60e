namespace Vallum.Cli.Output;

/// <summary>Columns as kubectl writes them: upper-case heads, two blanks between, nothing behind the last.</summary>
internal sealed class TextTable(params string[] heads)
{
    private readonly List<string[]> _rows = [heads];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(TextWriter writer)
    {
        var widths = Enumerable.Range(0, heads.Length).Select(c => _rows.Max(r => r[c].Length)).ToArray();
        foreach (var row in _rows)
        {
            var cells = row.Select((cell, c) => c == row.Length - 1 ? cell : cell.PadRight(widths[c] + 2));
            writer.WriteLine(string.Concat(cells).TrimEnd());
        }
    }
}
