using System.CommandLine;

namespace Vallum.Cli.Output;

internal enum OutputFormat
{
    Table,
    Wide,
    Json,
    Yaml,
    Name,
}

internal static class OutputFormats
{
    /// <summary>-o, with the formats that a command has.</summary>
    public static Option<OutputFormat> Option(params OutputFormat[] formats)
    {
        var names = formats.Select(f => f.ToString().ToLowerInvariant()).ToArray();
        var option = new Option<OutputFormat>("--output", "-o")
        {
            Description = $"Output format: {string.Join(", ", names)}. Default: $VALLUM_OUTPUT, else {names[0]}",
            DefaultValueFactory = _ =>
                Enum.TryParse<OutputFormat>(Environment.GetEnvironmentVariable("VALLUM_OUTPUT"), ignoreCase: true, out var chosen) && formats.Contains(chosen)
                    ? chosen
                    : formats[0],
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                var index = Array.IndexOf(names, text.ToLowerInvariant());
                if (index >= 0)
                {
                    return formats[index];
                }

                result.AddError($"'{text}' is none of {string.Join(", ", names)}");
                return default;
            },
        };
        option.CompletionSources.Add(names);
        return option;
    }
}
