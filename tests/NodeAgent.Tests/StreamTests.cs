using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Tests.Wire;

namespace Vallum.NodeAgent.Tests;

public sealed class StreamTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeNode _node = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_snapshot_is_in_the_kernel_before_it_is_acknowledged()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, hello) = await silo.AcceptAsync(Token);
        hello.HeldDigest.ShouldBe(new WireState().Total);
        var wanted = WireState.Web("10.9.0.0/16");
        await stream.SendAsync(wanted.Snapshot(7));

        var ack = (await stream.ReceiveAsync()).Ack.ShouldNotBeNull();
        ack.Nonce.ShouldBe(7u);
        ack.HeldDigest.ShouldBe(wanted.Total);
        _node.Kernel.SaveSets().ShouldContain("10.9.0.0/16");
        _node.Kernel.SaveRules(Primitives.IpFamily.V4).ShouldContain("--dport 80 -m set --match-set vallum4-g-");
        stream.End();
    }

    [Fact]
    public async Task Nothing_is_enforced_before_the_end_of_the_first_snapshot()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        var wanted = WireState.Web();
        var whole = wanted.Snapshot(1);
        await stream.SendAsync(new Update { Nonce = 1, More = true, Resources = { whole.Resources.Take(2) } });
        await stream.SendAsync(new Update { Nonce = 1, More = true, Resources = { whole.Resources.Skip(2) } });
        await stream.SendAsync(new ControlMessage { ListHeld = new ListHeld() });
        (await stream.ReceiveAsync()).Held.Resources.ShouldBeEmpty();
        _node.Steps.ShouldBeEmpty();

        await stream.SendAsync(new Update { Nonce = 1, EndOfSnapshot = true, HeldDigest = wanted.Total });
        (await stream.ReceiveAsync()).Ack.HeldDigest.ShouldBe(wanted.Total);
        _node.Steps.ShouldNotBeEmpty();
        stream.End();
    }

    [Fact]
    public async Task One_member_more_is_one_line_for_ipset()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        var wanted = WireState.Web("10.9.0.1/32");
        await stream.SendAsync(wanted.Snapshot(1));
        await stream.ReceiveAsync();
        _node.Steps.Clear();
        await stream.SendAsync(wanted.Change(2, ResourceKind.Group, "clients", [WireState.Member("10.9.0.2/32")], []));

        (await stream.ReceiveAsync()).Ack.HeldDigest.ShouldBe(wanted.Total);
        _node.Steps.ShouldHaveSingleItem().ShouldBeOfType<PlanStep.ChangeSets>().Size.ShouldBe(1);
        stream.End();
    }

    [Fact]
    public async Task A_delta_on_another_base_is_refused_and_changes_nothing()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        await stream.SendAsync(WireState.Web("10.9.0.1/32").Snapshot(1));
        await stream.ReceiveAsync();
        var before = _node.Kernel.Read().ToString();
        var elsewhere = WireState.Web("10.9.0.3/32");
        await stream.SendAsync(elsewhere.Change(2, ResourceKind.Group, "clients", [WireState.Member("10.9.0.2/32")], []));

        var nack = (await stream.ReceiveAsync()).Nack.ShouldNotBeNull();
        nack.Reason.ShouldBe(Nack.Types.Reason.BaseMismatch);
        nack.Resources.ShouldHaveSingleItem().Name.ShouldBe("clients");
        _node.Kernel.Read().ToString().ShouldBe(before);

        await stream.SendAsync(new Update
        {
            Nonce = 3,
            Resources = { elsewhere.Whole(ResourceKind.Group, "clients") },
            HeldDigest = elsewhere.Total,
        });
        (await stream.ReceiveAsync()).Ack.HeldDigest.ShouldBe(elsewhere.Total);
        stream.End();
    }

    [Fact]
    public async Task A_large_resource_comes_in_messages_that_build_on_each_other()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        var wanted = WireState.Web("10.9.0.1/32");
        var first = wanted.Snapshot(1);
        var second = wanted.Change(1, ResourceKind.Group, "clients", [WireState.Member("10.9.0.2/32"), WireState.Member("10.9.0.3/32")], []);
        var third = wanted.Change(1, ResourceKind.Group, "clients", [WireState.Member("10.9.0.4/32")], [WireState.Member("10.9.0.2/32")]);
        await stream.SendAsync(new Update { Nonce = 1, More = true, Resources = { first.Resources } });
        await stream.SendAsync(new Update
        {
            Nonce = 1,
            EndOfSnapshot = true,
            HeldDigest = wanted.Total,
            Resources = { second.Resources.Concat(third.Resources) },
        });

        (await stream.ReceiveAsync()).Ack.HeldDigest.ShouldBe(wanted.Total);
        _node.Kernel.Read().Sets.Values.Single(s => s.Name.StartsWith("vallum4-g-", StringComparison.Ordinal)).Members.Order().Select(m => m.ToString())
            .ShouldBe(["10.9.0.1/32", "10.9.0.3/32", "10.9.0.4/32"]);
        stream.End();
    }

    [Fact]
    public async Task A_kernel_that_refuses_is_quoted_and_asked_again()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        var wanted = WireState.Web();
        _node.Fault = "Kernel error received: set type not supported";
        await stream.SendAsync(wanted.Snapshot(1));

        var nack = (await stream.ReceiveAsync()).Nack.ShouldNotBeNull();
        nack.Reason.ShouldBe(Nack.Types.Reason.ApplyFailed);
        nack.Message.ShouldContain("`ipset restore` ended with 1: Kernel error received: set type not supported");

        _node.Fault = null;
        var ack = (await stream.ReceiveAsync()).Ack.ShouldNotBeNull();
        (ack.Nonce, ack.HeldDigest).ShouldBe((1u, wanted.Total));
        stream.End();
    }

    [Fact]
    public async Task A_reconnect_with_equal_digests_transfers_nothing()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (first, hello) = await silo.AcceptAsync(Token);
        var wanted = WireState.Web("10.9.0.1/32");
        await first.SendAsync(wanted.Snapshot(1));
        await first.ReceiveAsync();
        _node.Steps.Clear();
        first.End();

        var (second, again) = await silo.AcceptAsync(Token);
        again.HeldDigest.ShouldBe(wanted.Total);
        again.InstanceId.ShouldBe(hello.InstanceId);
        await second.SendAsync(new Update { Nonce = 1, EndOfSnapshot = true, HeldDigest = wanted.Total });
        (await second.ReceiveAsync()).Ack.HeldDigest.ShouldBe(wanted.Total);
        _node.Steps.ShouldBeEmpty();
        second.End();
    }

    [Fact]
    public async Task A_restarted_agent_enforces_what_it_held_and_says_so_without_a_control_plane()
    {
        var wanted = WireState.Web("10.9.0.1/32");
        await using (var silo = await FakeSilo.StartAsync())
        await using (var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node))
        {
            var (stream, _) = await silo.AcceptAsync(Token);
            await stream.SendAsync(wanted.Snapshot(1));
            await stream.ReceiveAsync();
            await stream.SendAsync(wanted.Change(2, ResourceKind.Group, "clients", [WireState.Member("10.9.0.2/32")], []));
            await stream.ReceiveAsync();
            stream.End();
        }

        var rebooted = new FakeNode();
        await using var later = await RunningAgent.StartAsync(_directory.Options(new Uri("http://127.0.0.1:1")), rebooted);
        rebooted.Kernel.Read().ToString().ShouldBe(_node.Kernel.Read().ToString());
        later.Agent.HeldDigest().ShouldBe(wanted.Total.ToByteArray());
    }

    [Fact]
    public async Task What_the_agent_does_not_know_is_held_read_closed_and_said()
    {
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        var (stream, _) = await silo.AcceptAsync(Token);
        var wanted = WireState.Web();
        wanted.Put(ResourceKind.PolicyRules, "p", WireState.Allow(new Peer(), 80));
        await stream.SendAsync(wanted.Snapshot(1));

        var nack = (await stream.ReceiveAsync()).Nack.ShouldNotBeNull();
        nack.Reason.ShouldBe(Nack.Types.Reason.Unsupported);
        nack.Resources.ShouldHaveSingleItem().Name.ShouldBe("p");
        (await stream.ReceiveAsync()).Ack.HeldDigest.ShouldBe(wanted.Total);
        _node.Kernel.SaveRules(Primitives.IpFamily.V4).ShouldNotContain("--dport 80");
        stream.End();
    }

    [Fact]
    public async Task A_drained_stream_is_followed_by_one_to_another_silo()
    {
        await using var one = await FakeSilo.StartAsync();
        await using var two = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(_directory.Options(one.Address, two.Address), _node);
        var first = one.AcceptAsync(Token);
        var second = two.AcceptAsync(Token);
        var (stream, _) = await await Task.WhenAny(first, second);
        await stream.SendAsync(new ControlMessage { Drain = new Drain { ReconnectWithin = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(10)) } });

        await Task.WhenAll(first, second);
        (await first).Stream.End();
        (await second).Stream.End();
    }

    [Fact]
    public async Task A_refused_agent_keeps_what_it_enforces_and_asks_again_slowly()
    {
        await using var silo = await FakeSilo.StartAsync();
        silo.Refusal = new Grpc.Core.Status(StatusCode.AlreadyExists, "another agent serves n1");
        await using var agent = await RunningAgent.StartAsync(_directory.Options(silo.Address), _node);
        await Task.Delay(TimeSpan.FromSeconds(2), Token);

        silo.Attempts.ShouldBe(1);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
