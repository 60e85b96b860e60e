using System.CommandLine;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Commands;

/// <summary>Is it in force, and where not?</summary>
internal static class StatusCommand
{
    public static Command Build(ServerOptions server, TextWriter output)
    {
        var tenant = new Argument<string?>("tenant") { Description = "Only this tenant, node by node", Arity = ArgumentArity.ZeroOrOne };
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json);
        var command = new Command("status", "Show the control plane, its nodes, and what is not in force. Exit code 1 when anything is not.") { tenant, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var connection = server.Connect(parsed);
            var json = parsed.GetValue(format) == OutputFormat.Json;
            return parsed.GetValue(tenant) is { } name
                ? await TenantAsync(connection, name, json, output, cancellationToken)
                : await ClusterAsync(connection, json, output, cancellationToken);
        });
        return command;
    }

    private static async Task<int> ClusterAsync(Connection connection, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        var status = await connection.Status.GetClusterStatusAsync(new GetClusterStatusRequest(), connection.Call(cancellationToken));
        var well = status.NodesConnected == status.NodesRegistered && status.NodesInSync == status.NodesRegistered;
        if (json)
        {
            await output.WriteLineAsync(Json.Write(status));
            return well ? ExitCode.Ok : ExitCode.Negative;
        }

        SiloTable.Write(status.Silos, output);
        await output.WriteLineAsync();
        await output.WriteLineAsync($"revision {status.Revision}, tenants {status.Tenants}, nodes {status.NodesRegistered}: {status.NodesConnected} connected, {status.NodesInSync} in sync");
        if (!well)
        {
            await output.WriteLineAsync();
            var nodes = await NodesAsync(connection, cancellationToken);
            NodeTable.Write(nodes.Where(n => n.Status is not { Connected: true, InSync: true }), wide: true, output);
        }

        return well ? ExitCode.Ok : ExitCode.Negative;
    }

    private static async Task<int> TenantAsync(Connection connection, string tenant, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        var name = tenant.StartsWith("tenants/", StringComparison.Ordinal) ? tenant : $"tenants/{tenant}";
        var status = await connection.Status.GetTenantStatusAsync(new GetTenantStatusRequest { Name = name }, connection.Call(cancellationToken));
        if (json)
        {
            await output.WriteLineAsync(Json.Write(status));
            return status.Realized ? ExitCode.Ok : ExitCode.Negative;
        }

        await output.WriteLineAsync(
            $"{name} at revision {status.Revision}: {status.Segments} segments, {status.Endpoints} endpoints, {status.Policies} policies");
        await output.WriteLineAsync(status.Realized
            ? $"realized on all {status.NodesDesired} nodes"
            : $"realized on {status.NodesRealized} of {status.NodesDesired} nodes");
        if (status.Lagging.Count > 0)
        {
            await output.WriteLineAsync();
            NodeTable.WriteLagging(status.Lagging, output);
        }

        return status.Realized ? ExitCode.Ok : ExitCode.Negative;
    }

    private static async Task<List<Node>> NodesAsync(Connection connection, CancellationToken cancellationToken)
    {
        List<Node> nodes = [];
        var request = new ListRequest { PageSize = 1000 };
        do
        {
            var page = await connection.Nodes.ListNodesAsync(request, connection.Call(cancellationToken));
            nodes.AddRange(page.Nodes);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return nodes;
    }
}
