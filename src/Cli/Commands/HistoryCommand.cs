using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;

namespace Vallum.Cli.Commands;

/// <summary>Who changed what, when, and from what to what.</summary>
internal static class HistoryCommand
{
    private const int PageSize = 1000;

    public static Command Build(ServerOptions server, TextWriter output)
    {
        var kind = new Argument<string?>("kind") { Description = "Only changes of this kind, such as policies", Arity = ArgumentArity.ZeroOrOne };
        kind.CompletionSources.Add([.. KindNames.Plurals]);
        var name = new Argument<string?>("name") { Description = "Only those of this object: shop/web, or web with --tenant", Arity = ArgumentArity.ZeroOrOne };
        var tenant = KindNames.TenantOption("Changes of this tenant and what it owns. Default: $VALLUM_TENANT, else the cluster's own objects");
        var since = new Option<DateTimeOffset?>("--since") { Description = "Only changes after this: 90m, 7d, or a time such as 2026-11-20T08:00:00Z", CustomParser = Since.Parse };
        var actor = new Option<string>("--actor") { Description = "Only what this one asked for", DefaultValueFactory = _ => "" };
        var limit = new Option<int>("--limit", "-n") { Description = "The newest so many. Default: 20", DefaultValueFactory = _ => 20 };
        var diff = new Option<bool>("--diff") { Description = "Show what each change changed, by lines" };
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Wide, OutputFormat.Json, OutputFormat.Yaml);
        var command = new Command("history", "Show who changed what, newest first; also of what is deleted.") { kind, name, tenant, since, actor, limit, diff, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = RequestOf(parsed.GetValue(kind), parsed.GetValue(name), parsed.GetValue(tenant));
            request.Actor = parsed.GetValue(actor)!;
            request.Since = parsed.GetValue(since) is { } time ? Timestamp.FromDateTimeOffset(time) : null;
            if (parsed.GetValue(limit) < 1)
            {
                throw new CommandFailure(ExitCode.Usage, "--limit is 1 or more (USAGE)");
            }

            using var connection = server.Connect(parsed);
            var entries = await ReadAsync(connection, request, parsed.GetValue(limit), cancellationToken);
            Write(entries, parsed.GetValue(format), parsed.GetValue(diff), output);
            return ExitCode.Ok;
        });
        return command;
    }

    private static ListHistoryRequest RequestOf(string? kind, string? name, string? tenant)
    {
        if (kind is null)
        {
            return new ListHistoryRequest { Parent = tenant is null ? "" : $"tenants/{tenant}" };
        }

        var type = KindNames.Parse(kind);
        if (name is not null)
        {
            var one = KindNames.FullName(type, name, tenant);
            return new ListHistoryRequest { Parent = one.ToString(), Kinds = { Word(type) } };
        }

        var owned = type is ObjectType.Tenant or ObjectType.Segment or ObjectType.Endpoint;
        return tenant is null && owned
            ? throw new CommandFailure(ExitCode.Usage, $"whose? name one {type.ToString().ToLowerInvariant()}, or a tenant with --tenant (USAGE)")
            : new ListHistoryRequest { Parent = tenant is null || type is ObjectType.Node or ObjectType.NetworkSet ? "" : $"tenants/{tenant}", Kinds = { Word(type) } };
    }

    private static string Word(ObjectType type) => char.ToLowerInvariant(type.ToString()[0]) + type.ToString()[1..];

    private static async Task<List<HistoryEntry>> ReadAsync(Connection connection, ListHistoryRequest request, int limit, CancellationToken cancellationToken)
    {
        List<HistoryEntry> entries = [];
        do
        {
            request.PageSize = Math.Min(PageSize, limit - entries.Count);
            var page = await connection.History.ListHistoryAsync(request, connection.Call(cancellationToken));
            entries.AddRange(page.Entries);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0 && entries.Count < limit);

        return entries;
    }

    private static void Write(List<HistoryEntry> entries, OutputFormat format, bool diff, TextWriter output)
    {
        switch (format)
        {
            case OutputFormat.Json:
                output.WriteLine(Json.Write(new ListHistoryResponse { Entries = { entries } }));
                break;
            case OutputFormat.Yaml:
                HistoryTable.WriteYaml(entries, output);
                break;
            case var _ when diff && entries.Count > 0:
                HistoryTable.WriteDiffs(entries, output);
                break;
            default:
                HistoryTable.Write(entries, format == OutputFormat.Wide, output);
                break;
        }
    }
}
