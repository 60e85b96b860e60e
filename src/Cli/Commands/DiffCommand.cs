using System.CommandLine;
using Vallum.Cli.Files;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Commands;

/// <summary>What would apply change? The server answers; nothing is changed.</summary>
internal static class DiffCommand
{
    public static Command Build(ServerOptions server, TextWriter output, TextWriter error)
    {
        var files = new ManifestFiles();
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json, OutputFormat.Name);
        var command = new Command("diff", "Show what apply would change. Exit code 0: nothing, 1: something.") { files.Paths, files.Recursive, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var set = files.Read(parsed, error);
            using var connection = server.Connect(parsed);
            var response = await new ApplyCall(connection, error).PutAsync(set.Manifests, validateOnly: true, cancellationToken);
            var changed = response.Changes.Where(c => c.Type != ChangeType.Unchanged).ToList();
            switch (parsed.GetValue(format))
            {
                case OutputFormat.Json:
                    await output.WriteLineAsync(Json.Write(new ApplyResponse { Changes = { changed } }));
                    break;
                case OutputFormat.Name:
                    changed.ForEach(c => output.WriteLine(c.Name));
                    break;
                default:
                    changed.ForEach(c => ObjectDiff.Write(c.Name, ("now", c.Before), (ChangeList.Word(c.Type), c.After), output));
                    break;
            }

            return changed.Count == 0 ? ExitCode.Ok : ExitCode.Negative;
        });
        return command;
    }
}
