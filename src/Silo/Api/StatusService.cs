using System.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Status;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Silo.Balance;
using Vallum.Silo.Distribution;
using Vallum.Silo.Security.Callers;
using SiloStatus = Vallum.Contracts.Api.V1.SiloStatus;

namespace Vallum.Silo.Api;

internal sealed class StatusService(IGrainFactory grains, PolicyStatuses statuses, IClusterView view, SiloLoads loads, TimeProvider time) : Contracts.Api.V1.StatusService.StatusServiceBase
{
    private const int Concurrency = 32;
    private const int MaxLagging = 20;
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);

    public override Task<GetVersionResponse> GetVersion(GetVersionRequest request, ServerCallContext context)
    {
        var parts = ProductVersion().Split('+', 2);
        return Task.FromResult(new GetVersionResponse { Version = parts[0], Commit = parts.Length > 1 ? parts[1] : "" });
    }

    public override async Task<GetClusterStatusResponse> GetClusterStatus(GetClusterStatusRequest request, ServerCallContext context)
    {
        var snapshot = view.Current;
        var agents = new AgentStatus[snapshot.Nodes.Count];
        var names = snapshot.Nodes.Keys.ToList();
        await Parallel.ForAsync(
            0,
            names.Count,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = context.CancellationToken },
            async (i, _) => agents[i] = await grains.GetGrain<INodeGrain>(names[i].Value).Status());

        var silos = await loads.AskAsync(context.CancellationToken);
        return new GetClusterStatusResponse
        {
            Tenants = snapshot.Tenants.Count,
            NodesRegistered = names.Count,
            NodesConnected = agents.Count(a => a.Connected),
            NodesInSync = agents.Count(a => a is { Connected: true, InSync: true }),
            Revision = snapshot.Revision,
            Silos =
            {
                silos.Select(silo => StatusOf(silo.Key, silo.Value)),
            },
        };
    }

    public override async Task<GetTenantStatusResponse> GetTenantStatus(GetTenantStatusRequest request, ServerCallContext context)
    {
        var name = ObjectScopes.Parse(request.Name, ObjectType.Tenant);
        if (await grains.Scope(name.Scope).Get(ObjectKind.Tenant, name.Id) is null)
        {
            throw ApiError.NotFound(request.Name);
        }

        var status = await grains.GetGrain<ITenantGrain>(name.Id).Status();
        var lagging = Realization.Lagging(status.Nodes, status.Revision, status.DirectoryRevision);
        return new GetTenantStatusResponse
        {
            Revision = status.Revision,
            Realized = lagging.Count == 0,
            Segments = status.Segments,
            Endpoints = status.Endpoints,
            Policies = status.Policies,
            NodesDesired = status.Nodes.Length,
            NodesRealized = status.Nodes.Length - lagging.Count,
            Lagging = { lagging.Take(MaxLagging) },
        };
    }

    public override async Task<WaitRealizedResponse> WaitRealized(WaitRealizedRequest request, ServerCallContext context)
    {
        var timeout = request.Timeout?.ToTimeSpan() ?? DefaultWait;
        if (timeout < TimeSpan.Zero || timeout > MaxWait)
        {
            throw ApiError.Invalid("timeout", "OUT_OF_RANGE", $"{timeout.TotalSeconds} s is not in 0..{MaxWait.TotalSeconds} s");
        }

        var wait = await RealizationWait.OfAsync(request, grains, loads, statuses, Caller.Of(context).Rights, context.CancellationToken);
        return await wait.RunAsync(timeout, time, context.CancellationToken);
    }

    private static SiloStatus StatusOf(SiloAddress silo, SiloLoad? load)
    {
        var status = new SiloStatus { Silo = silo.ToParsableString(), State = "ACTIVE", Address = silo.Endpoint.ToString(), Reached = load is not null };
        if (load is not null)
        {
            (status.Name, status.Version, status.AgentAddress) = (load.Name, load.Version, load.AgentAddress);
            (status.Tenants, status.Agents, status.AgentsBehind, status.Revision) = (load.Tenants, load.Agents, load.AgentsBehind, load.Revision);
            (status.StartTime, status.Lag) = (load.Started.ToTimestamp(), load.Lag.ToDuration());
        }

        return status;
    }

    private static string ProductVersion() =>
        typeof(StatusService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
