namespace Vallum.Silo.Api;

/// <summary>The room's door: what it needs, and what it maps.</summary>
internal static class ApiServices
{
    public static IServiceCollection AddApi(this IServiceCollection services) => services
        .AddSingleton<AgentStatuses>()
        .AddSingleton<PolicyStatuses>()
        .AddSingleton<ClusterStateReader>();

    public static void MapApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<TenantService>();
        endpoints.MapGrpcService<SegmentService>();
        endpoints.MapGrpcService<EndpointService>();
        endpoints.MapGrpcService<NodeService>();
        endpoints.MapGrpcService<NetworkSetService>();
        endpoints.MapGrpcService<PolicyService>();
        endpoints.MapGrpcService<ResourceService>();
        endpoints.MapGrpcService<AnalysisService>();
        endpoints.MapGrpcService<StatusService>();
    }
}
