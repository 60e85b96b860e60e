using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Tests.Wire;

namespace Vallum.NodeAgent.Tests;

/// <summary>Rules are acknowledged when they are committed, and read back behind the ack.</summary>
public sealed class ReadingBackTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeNode _node = new();
    private readonly WireState _wanted = WireState.Web("10.9.0.1/32");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_read_back_otherwise_than_written_is_put_back_and_counted()
    {
        using var agent = await StartAsync();
        _node.Vandal = () =>
        {
            _node.Vandal = null;
            _node.Kernel.RestoreRules(Primitives.IpFamily.V4, "*filter\n-A VALLUM-DENY -j ACCEPT\nCOMMIT\n");
        };
        (await agent.TakeAsync([_wanted.Snapshot(1)], Token)).ShouldHaveSingleItem().Ack.ShouldNotBeNull();

        agent.Status.DriftRepairs.ShouldBe(1u);
        agent.Status.LastError.ShouldBeNull();
        _node.Kernel.SaveRules(Primitives.IpFamily.V4).ShouldNotContain("-A VALLUM-DENY -j ACCEPT");
    }

    [Fact]
    public async Task A_kernel_that_keeps_something_else_is_reported_and_not_rewritten_for_ever()
    {
        using var agent = await StartAsync();
        _node.Vandal = () => _node.Kernel.RestoreRules(Primitives.IpFamily.V4, "*filter\n-A VALLUM-DENY -j ACCEPT\nCOMMIT\n");
        (await agent.TakeAsync([_wanted.Snapshot(1)], Token)).ShouldHaveSingleItem().Ack.ShouldNotBeNull();

        agent.InSync.ShouldBeFalse();
        agent.Report().LastError.ShouldStartWith("after the change the kernel differs from what was written: iptables: chain VALLUM-DENY rule 2");
        await agent.RetryAsync(Token);
        agent.InSync.ShouldBeFalse();
        _node.Vandal = null;
        await agent.RetryAsync(Token);
        agent.InSync.ShouldBeTrue();
    }

    [Fact]
    public async Task An_update_does_not_wait_for_the_reading_of_an_earlier_one_and_makes_it_void()
    {
        using var agent = await StartAsync();
        await agent.TakeAsync([_wanted.Snapshot(1)], Token);
        var answers = new List<AgentMessage>();
        await agent.TakeAsync([[Rules(2, 81)]], answers.Add, Token);
        var reading = new TaskCompletionSource();
        _node.Gate = reading.Task;
        var verifying = agent.VerifyAsync(Token);
        _node.Gate = Task.CompletedTask;
        await agent.TakeAsync([[Rules(3, 82)]], answers.Add, Token);
        answers.Select(a => a.Ack.Nonce).ShouldBe([2u, 3u]);

        // What is read now would differ from what was wanted when the reading began; it is read again instead.
        reading.SetResult();
        await verifying;
        agent.Status.DriftRepairs.ShouldBe(0u);
        _node.Kernel.SaveRules(Primitives.IpFamily.V4).ShouldContain("--dport 82");
    }

    [Fact]
    public async Task A_running_agent_reads_back_by_itself()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        _node.Vandal = () =>
        {
            _node.Vandal = null;
            _node.Kernel.RestoreRules(Primitives.IpFamily.V4, "*filter\n-A VALLUM-DENY -j ACCEPT\nCOMMIT\n");
        };
        await stream.SendAsync(_wanted.Snapshot(1));
        NodeReport report;
        do
        {
            report = await stream.ReportAsync();
        }
        while (report.DriftRepairs == 0);

        report.DriftRepairs.ShouldBe(1u);
        stream.End();
    }

    public void Dispose() => _directory.Dispose();

    private Update Rules(ulong nonce, uint port) =>
        _wanted.Change(nonce, ResourceKind.PolicyRules, "p", [], [], WireState.Allow(new Peer { Group = "clients" }, port));

    private async Task<Agent> StartAsync()
    {
        var agent = new Agent(_directory.Options(new Uri("http://127.0.0.1:1")), _node, TimeProvider.System, NullLogger.Instance);
        await agent.StartAsync(Token);
        return agent;
    }
}
