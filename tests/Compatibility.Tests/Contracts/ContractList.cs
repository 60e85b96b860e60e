using System.Collections.Immutable;

namespace Vallum.Compatibility.Tests.Contracts;

/// <summary>
/// What one build promises others, one line each: a name that stays, ": ", and what it means. Lines may come; a line that goes, or means something else, is
/// a break for whoever was built before.
/// </summary>
internal sealed record ContractList(ImmutableSortedDictionary<string, string> Lines)
{
    private const string Between = ": ";

    public static ContractList Of(IEnumerable<(string Name, string Meaning)> lines) =>
        new(lines.ToImmutableSortedDictionary(line => line.Name, line => line.Meaning, StringComparer.Ordinal));

    /// <summary>Lines that begin with # are for readers.</summary>
    public static ContractList Parse(string text) => Of(
        from line in text.Split('\n')
        where line.Length > 0 && line[0] != '#'
        let at = line.IndexOf(Between, StringComparison.Ordinal)
        select (line[..at], line[(at + Between.Length)..]));

    public string ToText(string heading) => $"# {heading}\n{string.Concat(Lines.Select(line => $"{line.Key}{Between}{line.Value}\n"))}";

    /// <summary>What a build with this list does not keep of <paramref name="before"/>, in words.</summary>
    public ImmutableArray<string> Breaks(ContractList before) =>
    [
        .. from line in before.Lines
           where Lines.GetValueOrDefault(line.Key) != line.Value && !IsReserved(line.Key, line.Value)
           select Lines.TryGetValue(line.Key, out var now) ? $"{line.Key} was \"{line.Value}\" and is \"{now}\"" : $"{line.Key} is gone ({line.Value})",
    ];

    public ImmutableArray<string> Added(ContractList before) => [.. Lines.Keys.Where(name => !before.Lines.ContainsKey(name))];

    /// <summary>A field of a proto whose number and name nobody may use again.</summary>
    private bool IsReserved(string name, string meaning)
    {
        var at = name.LastIndexOf(' ');
        return at > 0 && !Lines.ContainsKey(name) && Lines.ContainsKey($"{name[..at]} reserved {name[(at + 1)..]}")
            && Lines.ContainsKey($"{name[..at]} reserved {meaning.Split(' ')[0]}");
    }
}
