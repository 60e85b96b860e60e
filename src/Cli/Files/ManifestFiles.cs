using System.CommandLine;
using Vallum.Manifests;

namespace Vallum.Cli.Files;

/// <summary>-f FILE|DIR|-: what it names, read and judged offline.</summary>
internal sealed class ManifestFiles
{
    private const long MaxFileBytes = 256L * 1024 * 1024;
    private static readonly string[] Endings = [".yaml", ".yml", ".json"];

    public ManifestFiles(bool required = true) => Paths = new Option<string[]>("--filename", "-f")
    {
        Description = "File, directory, or - for standard input: YAML or JSON, own kinds or those of Kubernetes; may be given many times",
        Required = required,
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string[]> Paths { get; }

    public Option<bool> Recursive { get; } = new("--recursive", "-R") { Description = "Directories: their subdirectories too" };

    public bool AreGiven(ParseResult parsed) => parsed.GetValue(Paths) is { Length: > 0 };

    /// <summary>Everything in the files.</summary>
    /// <exception cref="CommandFailure">A file cannot be read, or is wrong: all faults of all files are told.</exception>
    public ManifestSet Read(ParseResult parsed, TextWriter error)
    {
        var set = TryRead(parsed);
        foreach (var skipped in set.Skipped)
        {
            error.WriteLine(skipped);
        }

        return set.IsValid ? set : throw new CommandFailure(ExitCode.Negative, Describe(set));
    }

    /// <summary>As <see cref="Read"/>, with the faults in the set.</summary>
    public ManifestSet TryRead(ParseResult parsed) =>
        ManifestReader.Read(parsed.GetValue(Paths)!.SelectMany(p => Open(p, parsed.GetValue(Recursive))));

    private static string Describe(ManifestSet set)
    {
        var count = set.Faults.Length == 1 ? "one fault" : $"{set.Faults.Length} faults";
        return $"error: {count} in the files; nothing was changed (INVALID)\n{string.Join('\n', set.Faults.Select(f => $"  {f} ({f.Reason})"))}";
    }

    private static IEnumerable<(string Source, ReadOnlyMemory<byte> Content)> Open(string path, bool recursive)
    {
        if (path == "-")
        {
            using var input = Console.OpenStandardInput();
            using var content = new MemoryStream();
            input.CopyTo(content);
            return [("standard input", content.ToArray())];
        }

        if (Directory.Exists(path))
        {
            var files = Directory
                .EnumerateFiles(path, "*", recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
                .Where(f => Endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal)
                .ToList();
            return files.Count == 0
                ? throw new CommandFailure(ExitCode.Usage, $"there is no {string.Join(", ", Endings)} file in the directory {path} (NO_FILES)")
                : files.Select(f => (f, Content(f)));
        }

        return [(path, Content(path))];
    }

    private static ReadOnlyMemory<byte> Content(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > MaxFileBytes } large
                ? throw new CommandFailure(ExitCode.Negative, $"{path} has {large.Length} bytes; at most {MaxFileBytes} are read (TOO_LARGE)")
                : File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Usage, $"cannot read {path}: {exception.Message} (UNREADABLE)");
        }
    }
}
