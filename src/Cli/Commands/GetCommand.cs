using System.CommandLine;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Manifests.Own;
using Vallum.Manifests.Parsing;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Cli.Commands;

/// <summary>What there is.</summary>
internal static class GetCommand
{
    public static Command Build(ServerOptions server, TextWriter output)
    {
        var kind = new Argument<string>("kind") { Description = $"One of {string.Join(", ", KindNames.Plurals)}" };
        kind.CompletionSources.Add([.. KindNames.Plurals]);
        var name = new Argument<string?>("name") { Description = "Only this object: shop/web, or web with --tenant", Arity = ArgumentArity.ZeroOrOne };
        var tenant = KindNames.TenantOption("Only what this tenant owns. Default: $VALLUM_TENANT, else all tenants");
        var all = new Option<bool>("--all-tenants", "-A") { Description = "What all tenants own, whatever $VALLUM_TENANT says" };
        var selector = new Option<string>("--selector", "-l") { Description = "Labels and fields, such as app=web,env!=prod,.node=n1", DefaultValueFactory = _ => "" };
        var watch = new Option<bool>("--watch", "-w") { Description = "Go on and show every change; needs --tenant for what tenants own" };
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Wide, OutputFormat.Json, OutputFormat.Yaml, OutputFormat.Name);
        var command = new Command("get", "Show objects.") { kind, name, tenant, all, selector, watch, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var type = KindNames.Parse(parsed.GetValue(kind)!);
            var owner = parsed.GetValue(all) ? null : parsed.GetValue(tenant);
            var reader = new ObjectReader(server.Connect(parsed));
            using var connection = reader.Connection;
            if (parsed.GetValue(watch))
            {
                await reader.WatchAsync(type, owner, parsed.GetValue(format), output, cancellationToken);
                return ExitCode.Ok;
            }

            if (parsed.GetValue(name) is { } one)
            {
                var found = await reader.GetAsync(KindNames.FullName(type, one, owner), cancellationToken);
                Write([found], single: true, parsed.GetValue(format), output);
            }
            else
            {
                var found = await reader.ListAsync(type, owner, parsed.GetValue(selector)!, cancellationToken);
                Write(found, single: false, parsed.GetValue(format), output);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void WriteMore(ApiObject value, TextWriter output)
    {
        switch (value.ObjectCase)
        {
            case ApiObject.ObjectOneofCase.Node when value.Node.Status is { } status:
                NodeTable.WriteFindings(status, output);
                break;
            case ApiObject.ObjectOneofCase.Policy:
                ObjectTable.WriteRules(value.Policy.Status?.Hits, output);
                break;
        }
    }

    private static void Write(List<ApiObject> objects, bool single, OutputFormat format, TextWriter output)
    {
        switch (format)
        {
            case OutputFormat.Json:
                output.Write(single ? OwnKindWriter.ToJson(objects[0], withOutput: true) : OwnKindWriter.ToJson(objects, withOutput: true));
                break;
            case OutputFormat.Yaml:
                output.Write(OwnKindWriter.ToYaml(objects, withOutput: true));
                break;
            case OutputFormat.Name:
                objects.ForEach(o => output.WriteLine(o.NameOf()));
                break;
            default:
                ObjectTable.Write(objects, format == OutputFormat.Wide, output);
                if (single && format == OutputFormat.Wide)
                {
                    WriteMore(objects[0], output);
                }

                break;
        }
    }
}
