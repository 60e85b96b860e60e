using Grpc.Core;
using Vallum.Cli.Output;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Own;
using Vallum.Manifests.Parsing;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Cli.Server;

/// <summary>Reads objects of any kind.</summary>
internal sealed class ObjectReader(Connection connection)
{
    private const int PageSize = 1000;

    public Connection Connection => connection;

    public async Task<ApiObject> GetAsync(ObjectName name, CancellationToken cancellationToken)
    {
        var request = new GetRequest { Name = name.ToString() };
        var call = connection.Call(cancellationToken);
        return name.Type switch
        {
            ObjectType.Tenant => new ApiObject { Tenant = await connection.Tenants.GetTenantAsync(request, call) },
            ObjectType.Segment => new ApiObject { Segment = await connection.Segments.GetSegmentAsync(request, call) },
            ObjectType.Endpoint => new ApiObject { Endpoint = await connection.Endpoints.GetEndpointAsync(request, call) },
            ObjectType.Node => new ApiObject { Node = await connection.Nodes.GetNodeAsync(request, call) },
            ObjectType.NetworkSet => new ApiObject { NetworkSet = await connection.NetworkSets.GetNetworkSetAsync(request, call) },
            _ => new ApiObject { Policy = await connection.Policies.GetPolicyAsync(request, call) },
        };
    }

    /// <param name="tenant">Null: of all tenants; and for policies the operator's first.</param>
    public async Task<List<ApiObject>> ListAsync(ObjectType type, string? tenant, string filter, CancellationToken cancellationToken)
    {
        List<ApiObject> found = [];
        foreach (var parent in Parents(type, tenant))
        {
            var request = new ListRequest { Parent = parent, Filter = filter, PageSize = PageSize };
            do
            {
                var (page, next) = await PageAsync(type, request, cancellationToken);
                found.AddRange(page);
                request.PageToken = next;
            }
            while (request.PageToken.Length > 0);
        }

        return found;
    }

    /// <summary>Writes the current state, then every change, until it is cancelled.</summary>
    public async Task WatchAsync(ObjectType type, string? tenant, OutputFormat format, TextWriter output, CancellationToken cancellationToken)
    {
        if (tenant is null && type is ObjectType.Tenant or ObjectType.Segment or ObjectType.Endpoint)
        {
            throw new CommandFailure(ExitCode.Usage, $"whose {type}s? --watch needs --tenant (USAGE)");
        }

        var word = type.ToString();
        var request = new WatchRequest { Parent = tenant is null ? "" : $"tenants/{tenant}", Kinds = { char.ToLowerInvariant(word[0]) + word[1..] } };
        using var call = connection.Resources.Watch(request, Connection.Stream(cancellationToken));
        await foreach (var change in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            switch (change.Type, format)
            {
                case (WatchEvent.Types.Type.Bookmark, _):
                    break;
                case (_, OutputFormat.Json):
                    await output.WriteLineAsync(JsonLine.Write(change));
                    break;
                case (WatchEvent.Types.Type.Put, OutputFormat.Yaml):
                    await output.WriteAsync($"---\n{OwnKindWriter.ToYaml(change.Object, withOutput: true)}");
                    break;
                case (var kind, _):
                    await output.WriteLineAsync($"{kind.ToString().ToUpperInvariant(),-6}  {change.Name}  revision {change.Revision}");
                    break;
            }

            await output.FlushAsync(cancellationToken);
        }
    }

    private static IEnumerable<string> Parents(ObjectType type, string? tenant) => type switch
    {
        ObjectType.Tenant or ObjectType.Node or ObjectType.NetworkSet => [""],
        ObjectType.Policy when tenant is null => ["", "tenants/-"],
        _ => [tenant is null ? "tenants/-" : $"tenants/{tenant}"],
    };

    private async Task<(IEnumerable<ApiObject> Page, string Next)> PageAsync(ObjectType type, ListRequest request, CancellationToken cancellationToken)
    {
        var call = connection.Call(cancellationToken);
        switch (type)
        {
            case ObjectType.Tenant:
                var tenants = await connection.Tenants.ListTenantsAsync(request, call);
                return (tenants.Tenants.Select(o => new ApiObject { Tenant = o }), tenants.NextPageToken);
            case ObjectType.Segment:
                var segments = await connection.Segments.ListSegmentsAsync(request, call);
                return (segments.Segments.Select(o => new ApiObject { Segment = o }), segments.NextPageToken);
            case ObjectType.Endpoint:
                var endpoints = await connection.Endpoints.ListEndpointsAsync(request, call);
                return (endpoints.Endpoints.Select(o => new ApiObject { Endpoint = o }), endpoints.NextPageToken);
            case ObjectType.Node:
                var nodes = await connection.Nodes.ListNodesAsync(request, call);
                return (nodes.Nodes.Select(o => new ApiObject { Node = o }), nodes.NextPageToken);
            case ObjectType.NetworkSet:
                var sets = await connection.NetworkSets.ListNetworkSetsAsync(request, call);
                return (sets.NetworkSets.Select(o => new ApiObject { NetworkSet = o }), sets.NextPageToken);
            default:
                var policies = await connection.Policies.ListPoliciesAsync(request, call);
                return (policies.Policies.Select(o => new ApiObject { Policy = o }), policies.NextPageToken);
        }
    }
}
