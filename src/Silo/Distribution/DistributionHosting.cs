using Microsoft.Extensions.DependencyInjection.Extensions;
using Vallum.Silo.Distribution.Owners;
using Vallum.Silo.Distribution.Sessions;

namespace Vallum.Silo.Distribution;

/// <summary>
/// Distribution in a host. Wants an <see cref="IClusterView"/> and the silo's own grain factory; an <see cref="IAgentIdentity"/> registered before or
/// after this replaces the one that asks for no certificate.
/// </summary>
internal static class DistributionHosting
{
    // An agent's list of what it holds is about 80 bytes per resource.
    private const int LargestAgentMessage = 16 * 1024 * 1024;

    public static IServiceCollection AddDistribution(this IServiceCollection services)
    {
        services.AddOptions<DistributionOptions>().BindConfiguration(DistributionOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddGrpc().AddServiceOptions<AgentService>(o => o.MaxReceiveMessageSize = LargestAgentMessage);
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IAgentIdentity, AnyAgentIdentity>();
        services.TryAddSingleton(p => new SiloIdentity(p.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString()));
        services.TryAddSingleton<ICompiledSource, GrainCompiledSource>();
        services.TryAddSingleton<INodeOwner, GrainNodeOwner>();
        services.AddSingleton<AgentMetrics>();
        services.AddSingleton<SessionScope>();
        services.AddSingleton<OpenSessions>();
        services.AddSingleton<NodeStreams>();
        services.AddSingleton<ResourceHub>();
        services.AddHostedService(p => p.GetRequiredService<ResourceHub>());
        return services;
    }

    public static IEndpointRouteBuilder MapDistribution(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<AgentService>();
        return endpoints;
    }
}
