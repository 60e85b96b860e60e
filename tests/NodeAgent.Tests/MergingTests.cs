using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Tests.Wire;

namespace Vallum.NodeAgent.Tests;

/// <summary>Several updates at once.</summary>
public sealed class MergingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeNode _node = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Updates_that_wait_become_one_plan_and_one_ack()
    {
        using var agent = await StartAsync();
        var wanted = WireState.Web("10.9.0.1/32");
        await agent.TakeAsync([wanted.Snapshot(1)], Token);
        _node.Steps.Clear();
        var answers = new List<AgentMessage>();
        var updates = new List<Update[]>
        {
            new[] { Client(2, "10.9.0.2/32") },
            new[] { Client(3, "10.9.0.3/32") },
            new[] { wanted.Change(4, ResourceKind.Group, "clients", [], [WireState.Member("10.9.0.2/32")]) },
        };
        await agent.TakeAsync(updates, answers.Add, Token);

        var ack = answers.ShouldHaveSingleItem().Ack.ShouldNotBeNull();
        (ack.Nonce, ack.HeldDigest).ShouldBe((4u, wanted.Total));
        _node.Steps.ShouldHaveSingleItem().ShouldBeOfType<PlanStep.ChangeSets>().Size.ShouldBe(1);

        Update Client(ulong nonce, string block) => wanted.Change(nonce, ResourceKind.Group, "clients", [WireState.Member(block)], []);
    }

    [Fact]
    public async Task A_refused_update_among_others_is_named_and_the_others_are_applied()
    {
        using var agent = await StartAsync();
        var wanted = WireState.Web("10.9.0.1/32");
        await agent.TakeAsync([wanted.Snapshot(1)], Token);
        var answers = new List<AgentMessage>();
        var second = wanted.Change(2, ResourceKind.Group, "clients", [WireState.Member("10.9.0.2/32")], []);
        var elsewhere = WireState.Web("10.9.0.7/32").Change(3, ResourceKind.Group, "clients", [WireState.Member("10.9.0.2/32")], []);
        var fourth = wanted.Change(4, ResourceKind.Group, "clients", [WireState.Member("10.9.0.4/32")], []);
        await agent.TakeAsync(new[] { new[] { second }, [elsewhere], [fourth] }, answers.Add, Token);

        answers.Select(a => (a.BodyCase, Nonce: a.Nack?.Nonce ?? a.Ack.Nonce))
            .ShouldBe([(AgentMessage.BodyOneofCase.Nack, 3u), (AgentMessage.BodyOneofCase.Ack, 4u)]);
        answers[^1].Ack.HeldDigest.ShouldBe(wanted.Total);
        _node.Kernel.SaveSets().ShouldContain("10.9.0.4/32");
    }

    [Fact]
    public async Task A_failed_apply_of_several_is_refused_as_the_last_and_acked_as_the_last()
    {
        using var agent = await StartAsync();
        var wanted = WireState.Web("10.9.0.1/32");
        await agent.TakeAsync([wanted.Snapshot(1)], Token);
        var answers = new List<AgentMessage>();
        var later = new List<AgentMessage>();
        agent.Later += later.Add;
        _node.Fault = "no memory";
        var second = wanted.Change(2, ResourceKind.Group, "clients", [WireState.Member("10.9.0.2/32")], []);
        var third = wanted.Change(3, ResourceKind.Group, "clients", [WireState.Member("10.9.0.3/32")], []);
        await agent.TakeAsync(new[] { new[] { second }, [third] }, answers.Add, Token);
        answers.ShouldHaveSingleItem().Nack.ShouldNotBeNull().Nonce.ShouldBe(3u);

        _node.Fault = null;
        await agent.RetryAsync(Token);
        var ack = later.ShouldHaveSingleItem().Ack.ShouldNotBeNull();
        (ack.Nonce, ack.HeldDigest).ShouldBe((3u, wanted.Total));
    }

    [Fact]
    public async Task A_stream_is_read_while_the_kernel_is_busy()
    {
        const ulong Updates = 200;
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        var wanted = WireState.Web("10.9.0.1/32");
        await stream.SendAsync(wanted.Snapshot(1));
        await stream.ReceiveAsync();
        var busy = new TaskCompletionSource();
        _node.Gate = busy.Task;
        _node.Steps.Clear();
        for (var nonce = 2ul; nonce <= Updates; nonce++)
        {
            await stream.SendAsync(wanted.Change(nonce, ResourceKind.Group, "clients", [WireState.Member($"10.9.1.{nonce}/32")], []));
        }

        await stream.SendAsync(new ControlMessage { ListHeld = new ListHeld() });
        busy.SetResult();
        var acked = new List<ulong>();
        while ((await stream.ReceiveAsync()) is { BodyCase: AgentMessage.BodyOneofCase.Ack, Ack: var ack })
        {
            acked.Add(ack.Nonce);
        }

        acked[^1].ShouldBe(Updates);
        acked.ShouldBe(acked.Order());
        acked.Count.ShouldBeLessThan((int)Updates / 2);
        _node.Steps.Count.ShouldBe(acked.Count);
        stream.End();
    }

    public void Dispose() => _directory.Dispose();

    private async Task<Agent> StartAsync()
    {
        var agent = new Agent(_directory.Options(new Uri("http://127.0.0.1:1")), _node, TimeProvider.System, NullLogger.Instance);
        await agent.StartAsync(Token);
        return agent;
    }
}
