using Grpc.AspNetCore.Server;
using Vallum.Silo.Admission;
using Vallum.Silo.Security.Access;

namespace Vallum.Silo.Api;

/// <summary>The room's door: what it needs, and what it maps.</summary>
internal static class ApiServices
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddGrpc(grpc =>
            {
                grpc.Interceptors.Add<ApiErrorInterceptor>();
                grpc.Interceptors.Add<Authorization>();
                grpc.Interceptors.Add<SlowReaders>();
                grpc.MaxReceiveMessageSize = RequestSizes.Other;
                // Bytes that are no message are refused before any interceptor: without details nobody would be told why.
                grpc.EnableDetailedErrors = true;
            })
            .AddServiceOptions<ResourceService>(service => service.MaxReceiveMessageSize = RequestSizes.Apply);
        // gRPC unpacks without a bound: a kilobyte would become a gigabyte. Behind its own settings, which bring gzip.
        services.PostConfigure<GrpcServiceOptions>(grpc => grpc.CompressionProviders.Clear());
        return services
            .AddSingleton<AgentStatuses>()
            .AddSingleton<PolicyStatuses>()
            .AddSingleton<ClusterStateReader>();
    }

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
        endpoints.MapGrpcService<TrafficService>();
        endpoints.MapGrpcService<HistoryService>();
    }
}
