using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Output;

/// <summary>What an Apply changed: a line each, or JSON.</summary>
internal static class ChangeList
{
    public static void Write(ApplyResponse response, OutputFormat format, bool dryRun, TextWriter output)
    {
        if (format == OutputFormat.Json)
        {
            output.WriteLine(Json.Write(response));
            return;
        }

        foreach (var change in response.Changes)
        {
            output.WriteLine(format == OutputFormat.Name ? change.Name : $"{change.Name} {Word(change.Type)}{(dryRun ? " (dry run)" : "")}");
        }
    }

    public static string Word(ChangeType type) => type.ToString().ToLowerInvariant();
}
