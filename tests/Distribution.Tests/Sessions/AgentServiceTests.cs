using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shouldly;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;
using Vallum.Distribution.Tests.Worlds;
using Vallum.Silo.Distribution;
using Vallum.Silo.Distribution.Sessions;
using Vallum.Silo.Reports;
using Vallum.Testing.Worlds;
using Xunit;

namespace Vallum.Distribution.Tests.Sessions;

/// <summary>Over real gRPC, in memory.</summary>
public sealed class AgentServiceTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_over_grpc_gets_what_its_node_should_hold()
    {
        var cluster = World();
        await using var host = await HostAsync(cluster);
        var agent = new InMemoryAgent("n1");
        using var stopped = new CancellationTokenSource();
        var running = RunAsync(host, agent, stopped.Token);

        var wanted = WireResources.Wanted(cluster.State, "n1");
        await Eventually.BecomesTrue(() => agent.State.Digest == wanted.Digest && cluster.IsRealized("n1"), () => cluster.ProgressText("n1"));
        agent.Faults.ShouldBeEmpty();

        await stopped.CancelAsync();
        await Should.ThrowAsync<Exception>(running);
        await Eventually.BecomesTrue(() => cluster.ReportOf("red")!.Nodes.IsEmpty, () => "the node is still reported");
    }

    [Fact]
    public async Task A_second_instance_for_a_node_is_refused_with_the_reason()
    {
        var cluster = World();
        cluster.Attaches = false;
        await using var host = await HostAsync(cluster);

        var refused = await Should.ThrowAsync<RpcException>(RunAsync(host, new InMemoryAgent("n1"), Cancelled));

        refused.StatusCode.ShouldBe(StatusCode.AlreadyExists);
        refused.GetRpcStatus()!.GetDetail<Google.Rpc.ErrorInfo>()!.Reason.ShouldBe("NODE_ALREADY_CONNECTED");
    }

    [Fact]
    public async Task A_certificate_that_names_another_node_is_refused()
    {
        await using var host = await HostAsync(World(), services => services.AddSingleton<IAgentIdentity>(new Nobody()));

        (await Should.ThrowAsync<RpcException>(RunAsync(host, new InMemoryAgent("n1"), Cancelled))).StatusCode.ShouldBe(StatusCode.PermissionDenied);
    }

    [Theory]
    [InlineData("ack")]
    [InlineData("no node")]
    [InlineData("digest")]
    public async Task A_stream_that_does_not_begin_with_a_right_hello_is_refused(string first)
    {
        await using var host = await HostAsync(World());
        using var call = Client(host).Connect(cancellationToken: Cancelled);
        await call.RequestStream.WriteAsync(first switch
        {
            "ack" => new AgentMessage { Ack = new Ack() },
            "no node" => new AgentMessage { Hello = new Hello { Node = "Not A Node", InstanceId = "i" } },
            _ => new AgentMessage { Hello = new Hello { Node = "n1", InstanceId = "i", HeldDigest = Google.Protobuf.ByteString.CopyFrom(1, 2, 3) } },
        }, Cancelled);

        (await Should.ThrowAsync<RpcException>(call.ResponseStream.MoveNext(Cancelled))).StatusCode.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task A_stream_that_says_nothing_is_ended()
    {
        await using var host = await HostAsync(World(), services => services.Configure<DistributionOptions>(o => o.HelloDeadline = TimeSpan.FromMilliseconds(100)));
        using var call = Client(host).Connect(cancellationToken: Cancelled);

        (await Should.ThrowAsync<RpcException>(call.ResponseStream.MoveNext(Cancelled))).StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
    }

    [Fact]
    public async Task A_host_that_stops_drains_its_streams_first()
    {
        var cluster = World();
        await using var host = await HostAsync(cluster);
        var agent = new InMemoryAgent("n1");
        var running = RunAsync(host, agent, Cancelled);
        // Its ack too has arrived: one that is under way when the stream ends fails.
        await Eventually.BecomesTrue(() => agent.Updates > 0 && cluster.IsRealized("n1"), () => "no update");

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await running.WaitAsync(TimeSpan.FromSeconds(10), Cancelled);

        agent.WasDrained.ShouldBeTrue();
    }

    private static FakeCluster World()
    {
        var cluster = new FakeCluster();
        cluster.Apply(
        [
            Given.Tenant("red"), Given.Node("n1", "192.168.0.1"), Given.Endpoint("red/db", "10.0.0.1", "app=db"),
            Given.Policy("red/p", "app=db", ingress: [Given.Allow([Given.Endpoints("app=web")])]),
        ]);
        return cluster;
    }

    private static async Task<WebApplication> HostAsync(FakeCluster cluster, Action<IServiceCollection>? configure = null)
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

    private static Contracts.Agent.V1.AgentService.AgentServiceClient Client(WebApplication host) => new(
        GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = host.GetTestServer().CreateHandler() }));

    private static async Task RunAsync(WebApplication host, InMemoryAgent agent, CancellationToken cancellationToken)
    {
        using var call = Client(host).Connect(cancellationToken: cancellationToken);
        await agent.RunAsync(m => call.RequestStream.WriteAsync(m), call.ResponseStream.ReadAllAsync(cancellationToken), cancellationToken);
    }

    private sealed class Nobody : IAgentIdentity
    {
        public bool MayServe(ServerCallContext call, string node) => false;
    }
}
