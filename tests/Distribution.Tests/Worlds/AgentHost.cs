using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vallum.Silo.Distribution;
using Vallum.Silo.Reports;
using Vallum.Testing.Worlds;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>The agents' door over real gRPC, in memory, in front of a cluster that a test plays.</summary>
internal static class AgentHost
{
    public static FakeCluster World()
    {
        var cluster = new FakeCluster();
        cluster.Apply(
        [
            Given.Tenant("red"), Given.Node("n1", "192.168.0.1"), Given.Endpoint("red/db", "10.0.0.1", "app=db"),
            Given.Policy("red/p", "app=db", ingress: [Given.Allow([Given.Endpoints("app=web")])]),
        ]);
        return cluster;
    }

    public static async Task<WebApplication> StartAsync(FakeCluster cluster, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ICompiledSource>(cluster).AddSingleton<INodeOwner>(cluster).AddSingleton<IClusterView>(cluster);
        builder.Services.AddSingleton(new SiloIdentity("silo"));
        builder.Services.AddSingleton<IReportSink>(new TrafficBook(TimeProvider.System));
        builder.Services.AddDistribution();
        configure?.Invoke(builder.Services);
        var host = builder.Build();
        host.MapDistribution();
        await host.StartAsync();
        return host;
    }

    public static Contracts.Agent.V1.AgentService.AgentServiceClient Client(WebApplication host) => new(
        GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = host.GetTestServer().CreateHandler() }));
}
