using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Conntrack;
using Vallum.NodeAgent.Netlink;
using Vallum.NodeAgent.Tests.Wire;

namespace Vallum.NodeAgent.Tests.Conntrack;

/// <summary>What a change ends is looked for twice, the second time 20 ms after it.</summary>
public sealed class SettlingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeNode _node = new();
    private readonly FakeTimeProvider _time = new();
    private int _passes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_that_is_back_at_once_is_let_in_when_its_old_flows_have_been_looked_for_twice()
    {
        // A table that does not open: what matters is when it is asked for.
        await using var revoker = new Revoker(
            () =>
            {
                _passes++;
                throw new NetlinkException("no table here", 1);
            },
            _time,
            NullLogger.Instance);
        using var agent = new Agent(_directory.Options(), _node, _time, NullLogger.Instance) { Revoker = revoker };
        await agent.StartAsync(Token);
        var wanted = WireState.Web("10.9.0.1/32");
        var endpoint = WireState.Endpoint("t/web", "10.1.7.10", "vw1", "web");
        await agent.TakeAsync([wanted.Snapshot(1)], Token);
        await agent.TakeAsync([wanted.Change(2, ResourceKind.Binding, "t", [], [endpoint])], Token);
        _passes.ShouldBe(1);
        _node.Steps.Clear();

        var back = agent.TakeAsync([wanted.Change(3, ResourceKind.Binding, "t", [endpoint], [])], Token);
        _time.Advance(TimeSpan.FromMilliseconds(19));
        (back.IsCompleted, _node.Steps.Count, _passes).ShouldBe((false, 0, 1));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await back).ShouldHaveSingleItem().Ack.ShouldNotBeNull();
        _passes.ShouldBe(2);
        _node.Steps.ShouldContain(s => s is PlanStep.ChangeRules);
    }

    public void Dispose() => _directory.Dispose();
}
