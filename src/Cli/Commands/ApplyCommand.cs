using System.CommandLine;
using Vallum.Cli.Files;
using Vallum.Cli.Output;
using Vallum.Cli.Server;

namespace Vallum.Cli.Commands;

/// <summary>Make it so: everything in the files is as the files say, and the answer comes when that is durable.</summary>
internal static class ApplyCommand
{
    public static Command Build(ServerOptions server, TextWriter output, TextWriter error)
    {
        var files = new ManifestFiles();
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json, OutputFormat.Name);
        var dryRun = new Option<bool>("--dry-run") { Description = "Let the server check everything and change nothing" };
        var wait = new RealizedWait();
        var command = new Command("apply", "Create or change objects as files say; atomic per tenant.") { files.Paths, files.Recursive, format, dryRun, wait.Wait, wait.Timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var set = files.Read(parsed, error);
            using var connection = server.Connect(parsed);
            var validateOnly = parsed.GetValue(dryRun);
            var response = await new ApplyCall(connection, error).PutAsync(set.Manifests, validateOnly, cancellationToken);
            ChangeList.Write(response, parsed.GetValue(format), validateOnly, output);
            return validateOnly ? ExitCode.Ok : await wait.RunAsync(parsed, connection, response, error, cancellationToken);
        });
        return command;
    }
}
