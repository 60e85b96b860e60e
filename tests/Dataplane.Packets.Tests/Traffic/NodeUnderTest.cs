using Vallum.Dataplane.Model;
using Vallum.Dataplane.Packets.Tests.Frames;
using Vallum.Dataplane.Packets.Tests.Router;
using Vallum.Dataplane.Packets.Tests.Worlds;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Enforcement;
using Vallum.NodeAgent.Kernel;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;

namespace Vallum.Dataplane.Packets.Tests.Traffic;

/// <summary>An enforced router, the world it is told of, and the flows on which one change of that world may have no effect.</summary>
internal sealed class NodeUnderTest : IAsyncDisposable
{
    private readonly PacketSocket _sender;
    private readonly ToldNode _told = new(PacketWorlds.Node);
    private NodeState _before = NodeState.Empty;
    private CompiledCluster _cluster = CompiledCluster.Of(ClusterState.Empty);

    private NodeUnderTest(RouterLab lab, PacketSocket sender, IKernel kernel)
    {
        Lab = lab;
        Kernel = kernel;
        _sender = sender;
        Enforcer = new Enforcer(kernel, Options);
    }

    public RouterLab Lab { get; }

    public IKernel Kernel { get; }

    public RenderOptions Options { get; private set; } = new() { WorkloadInterfaces = ["veth-+"] };

    public Enforcer Enforcer { get; private set; }

    /// <summary>What the node has been told of last.</summary>
    public NodeState Told => _told.State;

    public ClusterState World => _cluster.State;

    public static async Task<NodeUnderTest> StartAsync(IptablesFlavour flavour)
    {
        var lab = await RouterLab.CreateAsync(PacketWorlds.Links);
        return new NodeUnderTest(lab, await lab.SenderAsync(), await lab.KernelAsync(flavour));
    }

    /// <summary>The agent is told of the next world and enforces it.</summary>
    public async Task ApplyAsync(ClusterState next, CancellationToken cancellationToken)
    {
        Tell(next);
        await ApplyToldAsync(cancellationToken);
        await Lab.PlaceAsync(NodeFlows.Locals(next));
    }

    /// <summary>
    /// The agent dies while it enforces what it has been told of; another one starts, with what the first had on disk (the world before) or with
    /// what the control plane says anew, and then hears of the next world.
    /// </summary>
    public async Task DieAndApplyAsync(int steps, int operations, bool fromDisk, CancellationToken cancellationToken)
    {
        try
        {
            var dying = new Enforcer(new DyingKernel(Kernel, steps, operations), Options);
            await dying.ApplyAsync(_told.State, cancellationToken);
        }
        catch (KilledException)
        {
        }

        Enforcer = new Enforcer(Kernel, Options);
        if (fromDisk)
        {
            await Enforcer.ApplyAsync(_before, cancellationToken);
        }

        await Enforcer.ApplyAsync(_told.State, cancellationToken);
    }

    /// <summary>The agent enforces what it has been told of.</summary>
    public Task ApplyToldAsync(CancellationToken cancellationToken) => Enforcer.ApplyAsync(_told.State, cancellationToken);

    /// <summary>The agent is started again with other options, and finds what the one before it has left.</summary>
    public async Task RestartAsync(RenderOptions options, CancellationToken cancellationToken)
    {
        Options = options;
        Enforcer = new Enforcer(Kernel, options);
        await Enforcer.ApplyAsync(_told.State, cancellationToken);
    }

    /// <summary>
    /// Traffic of flows that are allowed in both worlds, and of flows that are denied in both, while <paramref name="change"/> brings the node, which has
    /// been told of it, to the next world.
    /// </summary>
    public async Task<TrafficCount> WatchAsync(ClusterState next, Dice dice, Func<Task> change)
    {
        var flows = new UnmovedFlows(World, next, dice).Draw();
        Tell(next);
        var count = await WatchAsync(flows, change);
        await Lab.PlaceAsync(NodeFlows.Locals(next));
        return count;
    }

    /// <summary>Traffic of these flows while <paramref name="change"/> happens.</summary>
    public Task<TrafficCount> WatchAsync(IEnumerable<Flow> allowed, IEnumerable<Flow> denied, Func<Task> change) =>
        WatchAsync(
            [
                .. allowed.Select(f => new Sending(f, Lab.LinkOf(f.Source), Allowed: true)),
                .. denied.Select(f => new Sending(f, Lab.LinkOf(f.Source), Allowed: false)),
            ],
            change);

    private async Task<TrafficCount> WatchAsync(IEnumerable<Sending> flows, Func<Task> change)
    {
        var stream = Stream.Start(Lab, _sender, flows);
        try
        {
            await change();
        }
        catch
        {
            await stream.StopAsync();
            throw;
        }

        return await stream.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        await Lab.DisposeAsync();
    }

    private void Tell(ClusterState next)
    {
        _before = _told.State;
        _cluster.Apply(StateDifference.Between(World, next));
        if (!World.Endpoints.Values.SequenceEqual(next.Endpoints.Values) || !World.Policies.Values.SequenceEqual(next.Policies.Values))
        {
            throw new InvalidOperationException("a tenant that went took with it what the next world holds");
        }

        _told.Take(_cluster);
    }
}
