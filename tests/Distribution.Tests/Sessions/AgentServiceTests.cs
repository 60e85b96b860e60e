using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;
using Vallum.Distribution.Tests.Worlds;
using Vallum.Silo.Distribution;
using Vallum.Silo.Distribution.Sessions;
using Xunit;

namespace Vallum.Distribution.Tests.Sessions;

/// <summary>Over real gRPC, in memory.</summary>
public sealed class AgentServiceTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_over_grpc_gets_what_its_node_should_hold()
    {
        var cluster = AgentHost.World();
        await using var host = await AgentHost.StartAsync(cluster);
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
        var cluster = AgentHost.World();
        cluster.Attaches = false;
        await using var host = await AgentHost.StartAsync(cluster);

        var refused = await Should.ThrowAsync<RpcException>(RunAsync(host, new InMemoryAgent("n1"), Cancelled));

        refused.StatusCode.ShouldBe(StatusCode.AlreadyExists);
        refused.GetRpcStatus()!.GetDetail<Google.Rpc.ErrorInfo>()!.Reason.ShouldBe("NODE_ALREADY_CONNECTED");
    }

    [Fact]
    public async Task A_certificate_that_names_another_node_is_refused()
    {
        await using var host = await AgentHost.StartAsync(AgentHost.World(), services => services.AddSingleton<IAgentIdentity>(new Nobody()));

        (await Should.ThrowAsync<RpcException>(RunAsync(host, new InMemoryAgent("n1"), Cancelled))).StatusCode.ShouldBe(StatusCode.PermissionDenied);
    }

    [Theory]
    [InlineData("ack")]
    [InlineData("no node")]
    [InlineData("digest")]
    public async Task A_stream_that_does_not_begin_with_a_right_hello_is_refused(string first)
    {
        await using var host = await AgentHost.StartAsync(AgentHost.World());
        using var call = AgentHost.Client(host).Connect(cancellationToken: Cancelled);
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
        await using var host = await AgentHost.StartAsync(AgentHost.World(), services => services.Configure<DistributionOptions>(o => o.HelloDeadline = TimeSpan.FromMilliseconds(100)));
        using var call = AgentHost.Client(host).Connect(cancellationToken: Cancelled);

        (await Should.ThrowAsync<RpcException>(call.ResponseStream.MoveNext(Cancelled))).StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
    }

    [Fact]
    public async Task A_host_that_stops_drains_its_streams_first()
    {
        var cluster = AgentHost.World();
        await using var host = await AgentHost.StartAsync(cluster);
        var agent = new InMemoryAgent("n1");
        var running = RunAsync(host, agent, Cancelled);
        // Its ack too has arrived: one that is under way when the stream ends fails.
        await Eventually.BecomesTrue(() => agent.Updates > 0 && cluster.IsRealized("n1"), () => "no update");

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await running.WaitAsync(TimeSpan.FromSeconds(10), Cancelled);

        agent.WasDrained.ShouldBeTrue();
    }

    private static async Task RunAsync(WebApplication host, InMemoryAgent agent, CancellationToken cancellationToken)
    {
        using var call = AgentHost.Client(host).Connect(cancellationToken: cancellationToken);
        await agent.RunAsync(m => call.RequestStream.WriteAsync(m), call.ResponseStream.ReadAllAsync(cancellationToken), cancellationToken);
    }

    private sealed class Nobody : IAgentIdentity
    {
        public bool MayServe(ServerCallContext call, string node) => false;
    }
}
