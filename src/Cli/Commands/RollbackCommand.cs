using System.CommandLine;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Commands;

/// <summary>Make an object what it was: judged by the server like any change, and a change like any other.</summary>
internal static class RollbackCommand
{
    public static Command Build(ServerOptions server, TextWriter output, TextWriter error)
    {
        var kind = new Argument<string>("kind") { Description = $"One of {string.Join(", ", KindNames.Plurals)}" };
        kind.CompletionSources.Add([.. KindNames.Plurals]);
        var name = new Argument<string>("name") { Description = "Which one: shop/web, or web with --tenant" };
        var tenant = KindNames.TenantOption("The tenant that owns it. Default: $VALLUM_TENANT");
        var to = new Option<long>("--to") { Description = "As it was when this revision was committed (see vallum history). Default: before its last change" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Let the server check everything and change nothing" };
        var wait = new RealizedWait();
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json, OutputFormat.Name);
        var command = new Command("rollback", "Make an object what it was; one that was deleted is made again.")
        {
            kind, name, tenant, to, dryRun, wait.Wait, wait.Timeout, format,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new RollbackRequest
            {
                Name = KindNames.FullName(KindNames.Parse(parsed.GetValue(kind)!), parsed.GetValue(name)!, parsed.GetValue(tenant)).ToString(),
                Revision = parsed.GetValue(to),
                ValidateOnly = parsed.GetValue(dryRun),
                RequestId = parsed.GetValue(dryRun) ? "" : Guid.NewGuid().ToString(),
            };
            using var connection = server.Connect(parsed);
            var answer = await connection.History.RollbackAsync(request, connection.Call(cancellationToken));
            Write(request, answer, parsed.GetValue(format), output);
            if (request.ValidateOnly)
            {
                return ExitCode.Ok;
            }

            var changed = new ApplyResponse
            {
                Changes = { new Change { Name = request.Name, Type = answer.Type } },
                Revisions = { answer.Revision },
            };
            return await wait.RunAsync(parsed, connection, changed, error, cancellationToken);
        });
        return command;
    }

    private static void Write(RollbackRequest request, RollbackResponse answer, OutputFormat format, TextWriter output)
    {
        switch (format)
        {
            case OutputFormat.Json:
                output.WriteLine(Json.Write(answer));
                return;
            case OutputFormat.Name:
                output.WriteLine(request.Name);
                return;
            case var _ when answer.Type == ChangeType.Unchanged:
                output.WriteLine($"{request.Name} unchanged: it is what it was at revision {answer.RestoredRevision}");
                return;
        }

        ObjectDiff.Write(request.Name, ("now", answer.Before), ($"as of revision {answer.RestoredRevision}", answer.Object), output);
        var done = answer.Type == ChangeType.Created ? "made again as" : "rolled back to what it was";
        output.WriteLine($"{request.Name} {done} at revision {answer.RestoredRevision}{(request.ValidateOnly ? " (dry run)" : $"; now at revision {answer.Revision.Revision}")}");
    }
}
