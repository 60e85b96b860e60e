using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Chaos.Judging;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Judging;
using Vallum.Workloads;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Scenarios.Worlds;

/// <summary>
/// A scenario in a world of the ground's sizes, made from its seed, with agents. It keeps what was acknowledged; at the end the control plane must have just
/// that, and each agent what a silo that is given it in one go would send.
/// </summary>
internal abstract class WorldScenario : Scenario
{
    private const int Batch = 1_000;
    private const int LoadersAtOnce = 8;
    private const int FaultsTold = 20;

    private static readonly TimeSpan AgreeWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SyncWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);

    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private Ground? _ground;
    private World? _world;
    private Followers? _followers;
    private GrpcChannel[] _channels = [];
    private bool _loaded;

    protected Ground Ground => _ground ?? throw new InvalidOperationException("it is not prepared");

    protected World World => _world ?? throw new InvalidOperationException("it is not prepared");

    protected Acknowledged Acknowledged { get; } = new();

    public override async Task PrepareAsync(Ground ground, CancellationToken cancellationToken)
    {
        var sizes = ground.Sizes;
        _ground = ground;
        _world = new World(
            new Shape("load", sizes.Tenants, sizes.EndpointsPerTenant, sizes.PoliciesPerTenant, sizes.Nodes, Math.Max(2, sizes.EndpointsPerTenant / 4), PolicyPattern.Apps),
            ground.Seed);
        _channels = [.. Enumerable.Range(0, ground.Silos.Length).Select(ground.Open)];
        await RefuseOthersAsync(cancellationToken);
        _loaded = true;
        await LoadAsync(cancellationToken);
        await Ground.Progress.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{_world.Shape.Tenants:n0} tenants, {_world.Shape.Endpoints:n0} endpoints, {_world.Shape.Policies:n0} policies, {sizes.Nodes:n0} nodes are there"));
        _followers = Followers.Connect(ground, _world.Nodes.Take(sizes.Agents).Select(node => node.Name.ToString()));
        await InSyncAsync(cancellationToken);
        await Ground.Progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{sizes.Agents:n0} agents are in sync"));
    }

    public override async Task<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken)
    {
        var faults = Acknowledged.Compare(await StoredObjects.ReadAsync(Channel(0), cancellationToken));
        var cluster = Acknowledged.Objects.Where(one => one.Node is not null).ToList();
        var tenants = Acknowledged.Objects.Where(one => one.Node is null).GroupBy(one => one.NameOf().Split('/')[1]).SelectMany(tenant => tenant.Chunk(Batch));
        var agents = _followers!.Agents;
        var wanted = agents.IsEmpty ? null : await FreshCompile.OfAsync(agents.Select(agent => agent.Node), cluster, tenants, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var differences = agents.SelectMany(agent => StateDifference.Of(agent.Node, agent.State, wanted![agent.Node])).Take(FaultsTold).ToList();
            if (differences.Count == 0 || Stopwatch.GetElapsedTime(start) > AgreeWithin)
            {
                return [.. faults.Take(FaultsTold), .. differences, .. _followers.Faults.Take(FaultsTold)];
            }

            await Task.Delay(250, cancellationToken);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_followers is not null)
        {
            await _followers.DisposeAsync();
        }

        if (_loaded && Ground.Target is Target.Address)
        {
            await RemoveAsync();
        }

        foreach (var channel in _channels)
        {
            channel.Dispose();
        }

        await base.DisposeAsync();
    }

    protected GrpcChannel Channel(long number) => _channels[number % _channels.Length];

    /// <summary>Applies, and keeps what the answer says.</summary>
    protected async Task<Outcome> ApplyAsync(long number, ApplyRequest request, string kind, CancellationToken cancellationToken)
    {
        request.RequestId = string.Create(CultureInfo.InvariantCulture, $"{_run}-{number}");
        try
        {
            var response = await new ResourceService.ResourceServiceClient(Channel(number)).ApplyAsync(request, deadline: DateTime.UtcNow + AnswerWithin, cancellationToken: cancellationToken);
            Acknowledged.Answered(request, response);
            return Outcome.Of(kind);
        }
        catch (RpcException exception)
        {
            Acknowledged.Unanswered(request.Objects, request.Deletes);
            return Outcome.Failed(exception, kind);
        }
    }

    /// <summary>Whose objects are not ours: neither can the end be judged there, nor is it ours to write there.</summary>
    private async Task RefuseOthersAsync(CancellationToken cancellationToken)
    {
        var there = await new StatusService.StatusServiceClient(Channel(0)).GetClusterStatusAsync(new GetClusterStatusRequest(), cancellationToken: cancellationToken);
        if (there.Tenants > 0 || there.NodesRegistered > 0)
        {
            throw new InvalidOperationException(
                $"{Ground.Target} has {there.Tenants} tenants and {there.NodesRegistered} nodes: give a control plane that has none, since at the end all that is there is compared");
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var nodes in World.Nodes.Select(node => node.Message()).Chunk(Batch))
        {
            await LoadAsync(0, nodes, cancellationToken);
        }

        await Parallel.ForEachAsync(World.Tenants.Index(), new ParallelOptions { MaxDegreeOfParallelism = LoadersAtOnce, CancellationToken = cancellationToken }, async (tenant, _) =>
        {
            foreach (var objects in tenant.Item.Messages().Chunk(Batch))
            {
                await LoadAsync(tenant.Index, objects, cancellationToken);
            }
        });
    }

    private async Task LoadAsync(long number, ApiObject[] objects, CancellationToken cancellationToken)
    {
        var request = new ApplyRequest { Objects = { objects } };
        Acknowledged.Answered(request, await new ResourceService.ResourceServiceClient(Channel(number)).ApplyAsync(request, cancellationToken: cancellationToken));
    }

    private async Task InSyncAsync(CancellationToken cancellationToken)
    {
        var status = new StatusService.StatusServiceClient(Channel(0));
        for (var start = Stopwatch.GetTimestamp(); ;)
        {
            var now = await status.GetClusterStatusAsync(new GetClusterStatusRequest(), cancellationToken: cancellationToken);
            if (now.NodesConnected == Ground.Sizes.Agents && now.NodesInSync == Ground.Sizes.Agents)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(start) > SyncWithin)
            {
                throw new TimeoutException($"of {Ground.Sizes.Agents} agents {now.NodesConnected} are connected and {now.NodesInSync} in sync after {SyncWithin}");
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    private async Task RemoveAsync()
    {
        var resources = new ResourceService.ResourceServiceClient(Channel(0));
        var names = Acknowledged.Objects.Where(one => one.Tenant is not null || one.Node is not null).OrderByDescending(one => one.ObjectCase == ApiObject.ObjectOneofCase.Tenant);
        foreach (var batch in names.Select(one => one.NameOf()).Chunk(100))
        {
            await resources.ApplyAsync(new ApplyRequest { Deletes = { batch } });
        }
    }
}
