using System.Diagnostics;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;
using ApiDirection = Vallum.Contracts.Api.V1.Direction;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using ApiPeer = Vallum.Contracts.Api.V1.Peer;
using ApiRule = Vallum.Contracts.Api.V1.Rule;

namespace Vallum.Swarm.Tests;

/// <summary>What any agent does on a stream to a real silo.</summary>
public abstract class AgentContract : IAsyncLifetime
{
    private const string Node = "n1";
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private TestSilo _silo = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _silo = await TestSilo.StartAsync();
        await ApplyAsync(
            new() { Node = new Node { Name = $"nodes/{Node}", Spec = new NodeSpec { Addresses = { "172.16.0.1" } } } },
            new() { Tenant = new Tenant { Name = "tenants/t", Metadata = new Metadata(), Spec = new TenantSpec() } },
            new() { Segment = new Segment { Name = "tenants/t/segments/s", Spec = new SegmentSpec() } },
            Endpoint("server", "10.0.0.1", Node),
            new()
            {
                Policy = new Policy
                {
                    Name = "tenants/t/policies/p",
                    Metadata = new Metadata(),
                    Spec = new PolicySpec
                    {
                        Subject = { new PolicySubject { Selector = Role("server") } },
                        Directions = { ApiDirection.Ingress },
                        Ingress = { new ApiRule { Peers = { new ApiPeer { Endpoints = new EndpointSelector { Selector = Role("caller") } } } } },
                    },
                },
            },
            Endpoint("caller", "10.0.1.1"),
            Endpoint("caller", "10.0.1.3"),
            Endpoint("caller", "10.0.1.4"));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task It_holds_everything_that_its_node_should_and_no_promise_is_broken()
    {
        await using var agent = Connect(_silo, Node);
        await BecomesAsync(() => Members(agent) == 3);

        agent.State.Dangling.ShouldBeEmpty();
        agent.Faults.ShouldBeEmpty();
        agent.State.Resources.Keys.ShouldContain((ResourceKind.Binding, "t"));
    }

    [Fact]
    public async Task A_member_that_comes_is_sent_as_a_difference()
    {
        await using var agent = Connect(_silo, Node);
        await BecomesAsync(() => Members(agent) == 3);
        var wholes = agent.Wholes;

        await ApplyAsync(Endpoint("caller", "10.0.1.2"));
        await BecomesAsync(() => Members(agent) == 4);

        agent.Wholes.ShouldBe(wholes);
        agent.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_comes_back_with_all_that_it_should_hold_is_sent_no_resource()
    {
        await using var agent = Connect(_silo, Node);
        await BecomesAsync(() => Members(agent) == 3);
        var (received, updates) = (agent.Received, agent.Updates);

        await agent.LeaveAsync();
        agent.Return();
        await BecomesAsync(() => agent.Updates > updates);

        agent.Received.ShouldBe(received);
        agent.Asked.ShouldBe(0);
        agent.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_change_of_many_comes_and_the_digests_stay_right()
    {
        await using var agent = Connect(_silo, Node);
        await BecomesAsync(() => Members(agent) == 3);

        for (var number = 1; number <= 50; number++)
        {
            await ApplyAsync(Endpoint("caller", $"10.0.2.{number}"));
        }

        await BecomesAsync(() => Members(agent) == 53);
        agent.Faults.ShouldBeEmpty();
    }

    private protected abstract TestedAgent Connect(TestSilo silo, string node);

    private async Task ApplyAsync(params ApiObject[] objects) =>
        await new ResourceService.ResourceServiceClient(_silo.Channel).ApplyAsync(new ApplyRequest { Objects = { objects } }, cancellationToken: Cancelled);

    private static ApiObject Endpoint(string role, string address, string node = "") => new()
    {
        Endpoint = new Endpoint
        {
            Name = $"tenants/t/endpoints/e-{address.Replace('.', '-')}",
            Metadata = new Metadata { Labels = { { "role", role } } },
            Spec = new EndpointSpec { Segment = "s", Node = node, Addresses = { address } },
        },
    };

    private static LabelSelector Role(string role) => new() { MatchLabels = { { "role", role } } };

    private static int Members(TestedAgent agent) =>
        agent.State.Resources.Values.Where(resource => resource.Kind == ResourceKind.Group).Sum(resource => resource.Entries.Count);

    private static async Task BecomesAsync(Func<bool> isSo)
    {
        var start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Long);
            await Task.Delay(5, Cancelled);
        }
    }
}

public sealed class PlainAgentTests : AgentContract
{
    private protected override TestedAgent Connect(TestSilo silo, string node) => new PlainAgent(silo, node);
}

public sealed class SwarmAgentTests : AgentContract
{
    private protected override TestedAgent Connect(TestSilo silo, string node) =>
        new SwarmingAgent(silo, node, new SwarmOptions { Servers = [], ReconnectWithin = TimeSpan.FromMilliseconds(50) });
}

/// <summary>A window that the first snapshot does not fit in, and acks that take a while.</summary>
public sealed class NarrowSwarmAgentTests : AgentContract
{
    private protected override TestedAgent Connect(TestSilo silo, string node) => new SwarmingAgent(
        silo,
        node,
        new SwarmOptions { Servers = [], ReconnectWithin = TimeSpan.FromMilliseconds(50), StreamWindow = 200, AckDelay = TimeSpan.FromMilliseconds(3) });
}
