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
    private NodeFlows _flows = new(ClusterState.Empty, invalidToo: false);
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

    public ClusterState World => _cluster.State;

    public static async Task<NodeUnderTest> StartAsync(IptablesFlavour flavour)
    {
        var lab = await RouterLab.CreateAsync(PacketWorlds.Links);
        return new NodeUnderTest(lab, await lab.SenderAsync(), lab.Kernel(flavour));
    }

    /// <summary>The agent is told of the next world and enforces it.</summary>
    public async Task ApplyAsync(ClusterState next, CancellationToken cancellationToken)
    {
        Tell(next);
        await Enforcer.ApplyAsync(_told.State, cancellationToken);
        await Lab.PlaceAsync(NodeFlows.Locals(next));
    }

    /// <summary>
    /// The agent is told of the next world and dies while it enforces it; another one starts, with what the first had on disk (the world before) or with
    /// what the control plane says anew, and then hears of the next world.
    /// </summary>
    public async Task DieAndApplyAsync(ClusterState next, int steps, int operations, bool fromDisk, CancellationToken cancellationToken)
    {
        var before = _told.State;
        Tell(next);
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
            await Enforcer.ApplyAsync(before, cancellationToken);
        }

        await Enforcer.ApplyAsync(_told.State, cancellationToken);
        await Lab.PlaceAsync(NodeFlows.Locals(next));
    }

    /// <summary>The agent is started again with other options, and finds what the one before it has left.</summary>
    public async Task RestartAsync(RenderOptions options, CancellationToken cancellationToken)
    {
        Options = options;
        Enforcer = new Enforcer(Kernel, options);
        await Enforcer.ApplyAsync(_told.State, cancellationToken);
    }

    /// <summary>Traffic of flows that are allowed in both worlds, and of flows that are denied in both, while <paramref name="change"/> happens.</summary>
    public async Task<TrafficCount> WatchAsync(ClusterState next, Dice dice, Func<Task> change)
    {
        var (allowed, denied) = Unmoved(World, next, dice);
        return await WatchAsync(allowed, denied, change);
    }

    /// <summary>Traffic of these flows while <paramref name="change"/> happens.</summary>
    public async Task<TrafficCount> WatchAsync(IEnumerable<Flow> allowed, IEnumerable<Flow> denied, Func<Task> change)
    {
        var stream = Stream.Start(Lab, _sender, allowed, denied);
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
        _cluster.Apply(StateDifference.Between(World, next));
        _told.Take(_cluster);
    }

    /// <summary>Flows between hosts that stay where they are, of which both worlds say the same.</summary>
    private (Flow[] Allowed, Flow[] Denied) Unmoved(ClusterState before, ClusterState after, Dice dice)
    {
        const int Drawn = 600;
        var old = ReferenceEquals(_flows.World, before) ? _flows : new NodeFlows(before, invalidToo: false);
        var next = _flows = new NodeFlows(after, invalidToo: false);
        var (placed, replaced) = (NodeFlows.Locals(before), NodeFlows.Locals(after));
        var same = next.Draw(dice, Drawn)
            .Where(f => Stays(f.Source) && Stays(f.Destination))
            .Select(f => (Flow: f, Before: old.Allows(f), After: next.Allows(f)))
            .Where(f => f.Before == f.After)
            .ToLookup(f => f.After, f => f.Flow);
        return (Mixed(same[true]), Mixed(same[false]));

        bool Stays(Primitives.Address address) => placed.GetValueOrDefault(address) == replaced.GetValueOrDefault(address);

        // As many of either family as there are.
        static Flow[] Mixed(IEnumerable<Flow> flows)
        {
            var families = flows.ToLookup(f => f.Source.Family);
            return [.. families[Primitives.IpFamily.V4].Take(Stream.Kinds / 2), .. families[Primitives.IpFamily.V6].Take(Stream.Kinds / 2)];
        }
    }
}
