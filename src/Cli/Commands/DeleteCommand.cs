using System.CommandLine;
using Vallum.Cli.Files;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Manifests.Parsing;

namespace Vallum.Cli.Commands;

/// <summary>Delete what files name, or one object by kind and name. What is not there is no error; a tenant goes with all that it owns.</summary>
internal static class DeleteCommand
{
    public static Command Build(ServerOptions server, TextWriter output, TextWriter error)
    {
        var files = new ManifestFiles(required: false);
        var kind = new Argument<string?>("kind") { Description = "Kind of one object, such as policy", Arity = ArgumentArity.ZeroOrOne };
        var names = new Argument<string[]>("name") { Description = "Its name: shop/web, or as the API names it", Arity = ArgumentArity.ZeroOrMore };
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json, OutputFormat.Name);
        var dryRun = new Option<bool>("--dry-run") { Description = "Let the server check everything and change nothing" };
        var command = new Command("delete", "Delete objects; a tenant goes with all that it owns.") { kind, names, files.Paths, files.Recursive, format, dryRun };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (files.AreGiven(parsed) && parsed.GetValue(kind) is not null)
            {
                throw new CommandFailure(ExitCode.Usage, "delete what? give either -f FILE, or a kind and a name (USAGE)");
            }

            var deletes = files.AreGiven(parsed)
                ? files.Read(parsed, error).Manifests.Where(m => !m.Implied).Select(m => m.Object.NameOf()).ToList()
                : Named(parsed.GetValue(kind), parsed.GetValue(names)!);
            using var connection = server.Connect(parsed);
            var validateOnly = parsed.GetValue(dryRun);
            var response = await new ApplyCall(connection, error).DeleteAsync(deletes, validateOnly, cancellationToken);
            ChangeList.Write(response, parsed.GetValue(format), validateOnly, output);
            return ExitCode.Ok;
        });
        return command;
    }

    private static List<string> Named(string? kind, string[] names)
    {
        if (kind is null || names.Length == 0)
        {
            throw new CommandFailure(ExitCode.Usage, "delete what? give -f FILE, or a kind and a name (USAGE)");
        }

        var type = KindNames.Parse(kind);
        return [.. names.Select(n => KindNames.FullName(type, n, tenant: null).ToString())];
    }
}
