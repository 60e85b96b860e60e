using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Rendering;
using Vallum.Lab;
using Vallum.NodeAgent.Conntrack;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Tests.Kernel;
using Vallum.NodeAgent.Tests.Wire;
using Action = Vallum.Contracts.Agent.V1.Action;

namespace Vallum.NodeAgent.Tests.Packets;

/// <summary>A lab whose nodes run agents; every workload has a profile of its own name, and a test says what is in it.</summary>
internal sealed class EnforcedLab : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ImmutableDictionary<string, Agent> _agents;
    private ulong _nonce;

    private EnforcedLab(PacketLab lab, IptablesFlavour flavour, int? logGroup)
    {
        Lab = lab;
        _agents = lab.Nodes.ToImmutableDictionary(n => n.Name, n => new Agent(
            new AgentOptions
            {
                Node = n.Name,
                Servers = [],
                StateDirectory = Directory.CreateDirectory(Path.Combine(_directory.Path, n.Name)).FullName,
                Render = new RenderOptions { WorkloadInterfaces = ["vw+"], LogGroup = logGroup },
            },
            NetworkNamespace.KernelOf(n.Namespace, flavour),
            TimeProvider.System,
            NullLogger.Instance)
        {
            Revoker = new Revoker(() => NetworkNamespace.In(n.Namespace, ConntrackTable.Open), TimeProvider.System, NullLogger.Instance),
        });
    }

    public PacketLab Lab { get; }

    public static async Task<EnforcedLab> CreateAsync(
        LabSpec spec, IptablesFlavour flavour, CancellationToken cancellationToken, int? logGroup = null)
    {
        var made = new EnforcedLab(await PacketLab.CreateAsync(spec, cancellationToken), flavour, logGroup);
        foreach (var agent in made._agents.Values)
        {
            await agent.StartAsync(cancellationToken);
        }

        return made;
    }

    public Agent AgentOf(string node) => _agents[node];

    public static ByteString InForce(Direction direction, Tier tier, string rules, uint priority = 0) => new ProfileEntry
    {
        Direction = direction,
        Tier = tier,
        Priority = priority,
        Policy = $"policies/{rules}",
        Rules = rules,
    }.ToByteString();

    /// <summary>The addresses of workloads, as members of a group.</summary>
    public ByteString[] Members(params string[] workloads) =>
        [.. workloads.SelectMany(w => Lab[w].Addresses).Select(a => WireState.Member($"{a}/{(a.GetAddressBytes().Length == 4 ? 32 : 128)}"))];

    /// <summary>Tells every node its endpoints, with the policies that <paramref name="inForce"/> gives each, and <paramref name="rest"/>.</summary>
    public Task ApplyAsync(Func<string, ByteString[]> inForce, System.Action<WireState> rest, CancellationToken cancellationToken) =>
        ApplyAsync(inForce, rest, without: null, cancellationToken);

    /// <param name="without">A workload that is no endpoint.</param>
    public async Task ApplyAsync(
        Func<string, ByteString[]> inForce, System.Action<WireState> rest, string? without, CancellationToken cancellationToken)
    {
        foreach (var node in Lab.Nodes)
        {
            var state = new WireState();
            var here = Lab.Workloads.Where(w => w.Node == node.Name).ToArray();
            state.Put(ResourceKind.Node, node.Name, new NodeHead { Addresses = { node.Addresses.Select(a => WireState.Address(a.ToString())) } });
            state.Put(ResourceKind.Binding, "t", null, [.. here.Where(w => w.Name != without).Select(w => new BindingEntry
            {
                Endpoint = $"t/{w.Name}", Addresses = { w.Addresses.Select(a => WireState.Address(a.ToString())) }, Interface = w.NodeInterface, Profile = w.Name,
            }.ToByteString())]);
            foreach (var workload in here)
            {
                state.Put(
                    ResourceKind.Profile, workload.Name, new ProfileHead { DefaultIngress = Action.Allow, DefaultEgress = Action.Allow }, inForce(workload.Name));
            }

            rest(state);
            var answers = await _agents[node.Name].TakeAsync([Whole(state)], cancellationToken);
            answers.ShouldHaveSingleItem().Ack.ShouldNotBeNull(answers[0].ToString());
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents.Values)
        {
            await agent.Revoker!.DisposeAsync();
            agent.Dispose();
        }

        await Lab.DisposeAsync();
        _directory.Dispose();
    }

    private Update Whole(WireState state) => state.Snapshot(++_nonce);
}
