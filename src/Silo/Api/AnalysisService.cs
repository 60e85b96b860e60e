using System.Collections.Immutable;
using Grpc.Core;
using Vallum.Cluster;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Api;

internal sealed class AnalysisService(IGrainFactory grains, ClusterStateReader reader) : Contracts.Api.V1.AnalysisService.AnalysisServiceBase
{
    private const int MaxMatrixEndpoints = 1000;

    public override async Task<ExplainFlowResponse> ExplainFlow(ExplainFlowRequest request, ServerCallContext context)
    {
        var traffic = Valid(TrafficParser.Parse(
            request.Protocol, request.Port, request.HasIcmpType ? request.IcmpType : null, request.HasIcmpCode ? request.IcmpCode : null));
        var source = await FlowSide.FindAsync(grains, request.Source, "source");
        var destination = await FlowSide.FindAsync(grains, request.Destination, "destination");
        var (from, to) = FlowSide.Pair(source, destination, traffic.Family);

        var tenants = new[] { source.Tenant, destination.Tenant }.OfType<TenantName>().Distinct().ToList();
        var state = await reader.ReadAsync(tenants, context.CancellationToken);
        var caller = Caller.Of(context);
        Discretion.Check(caller, from, source.Tenant, "source", state);
        Discretion.Check(caller, to, destination.Tenant, "destination", state);
        var explanation = new Evaluator(state).Explain(traffic.Between(from, to));

        var response = Discretion.Of(ExplanationText.Of(explanation), caller.Rights);
        await AddNodeAsync(response.Egress, explanation.Verdict.Egress, state);
        await AddNodeAsync(response.Ingress, explanation.Verdict.Ingress, state);
        return response;
    }

    public override async Task<GetReachabilityResponse> GetReachability(GetReachabilityRequest request, ServerCallContext context)
    {
        var traffic = Valid(TrafficParser.Parse(request.Protocol, request.Port, request.HasIcmpType ? request.IcmpType : null));
        var tenants = request.Parents.Count == 0
            ? (await grains.TenantsAsync(Caller.Of(context).Rights)).Select(scope => new TenantName(ObjectScopes.TenantOf(scope))).ToImmutableArray()
            : [.. request.Parents.Select(p => new TenantName(ObjectScopes.Parse(p, ObjectType.Tenant, "parents").Id)).Distinct().Order()];
        var state = await reader.ReadAsync(tenants, context.CancellationToken);
        var missing = tenants.FirstOrDefault(t => !state.Tenants.ContainsKey(t));
        if (missing.Value is not null && request.Parents.Count > 0)
        {
            throw ApiError.NotFound($"tenants/{missing}");
        }

        var matrix = Reachability.Of(state, traffic.Between, traffic.Family);
        if (matrix.Endpoints.Length > MaxMatrixEndpoints)
        {
            throw ApiError.Invalid(
                "parents", "TOO_MANY_ENDPOINTS", $"{matrix.Endpoints.Length} endpoints; at most {MaxMatrixEndpoints}: name fewer tenants");
        }

        return new GetReachabilityResponse
        {
            Endpoints = { matrix.Endpoints.Select(e => $"tenants/{e.Tenant}/endpoints/{e.Name}") },
            Rows = { matrix.Rows },
        };
    }

    private static Traffic Valid(Parsed<Traffic> parsed) => parsed.IsValid
        ? parsed.Value
        : throw ApiError.Invalid(parsed.Violations[0].Field, parsed.Violations[0].Reason, parsed.Violations[0].Description);

    /// <summary>Who enforces the direction, and whether what it enforces is what is wanted now.</summary>
    private async Task AddNodeAsync(Contracts.Api.V1.DirectionVerdict message, Policies.Evaluation.DirectionVerdict verdict, ClusterState state)
    {
        if ((verdict.Node ?? (verdict.Endpoint is { } id ? state.Endpoints[id].Node : null)) is not { } node)
        {
            return;
        }

        var status = await grains.GetGrain<INodeGrain>(node.Value).Status();
        message.Node = $"nodes/{node}";
        message.NodeConnected = status.Connected;
        message.NodeInSync = status.InSync;
    }
}
