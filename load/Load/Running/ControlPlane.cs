using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Net.Client;
using Vallum.Contracts.Api.V1;
using Vallum.Lab;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Load.Running;

/// <summary>The silo as an orchestrator on the lab's control host meets it.</summary>
internal sealed class ControlPlane : IDisposable
{
    private static readonly TimeSpan RealizedWithin = TimeSpan.FromMinutes(2);

    private readonly GrpcChannel _channel;
    private readonly HttpClient _admin;
    private readonly ResourceService.ResourceServiceClient _resources;
    private readonly StatusService.StatusServiceClient _status;

    public ControlPlane(PacketLab lab)
    {
        Address = $"http://{lab.Control.V4}:7400";
        _channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions
        {
            HttpHandler = Through(lab, new IPEndPoint(lab.Control.V4, 7400)),
            DisposeHttpClient = true,
            MaxSendMessageSize = 64 * 1024 * 1024,
            MaxReceiveMessageSize = 64 * 1024 * 1024,
        });
        _admin = new HttpClient(Through(lab, new IPEndPoint(IPAddress.Loopback, 7480))) { BaseAddress = new Uri("http://127.0.0.1:7480") };
        _resources = new ResourceService.ResourceServiceClient(_channel);
        _status = new StatusService.StatusServiceClient(_channel);
    }

    public string Address { get; }

    /// <summary>Returns when it is durable.</summary>
    public async Task<ApplyResponse> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken) =>
        await _resources.ApplyAsync(request, deadline: DateTime.UtcNow + RealizedWithin, cancellationToken: cancellationToken);

    /// <summary>In calls of a handy size; returns when all is in the kernels.</summary>
    public async Task ApplyAllAsync(IEnumerable<ApiObject> objects, CancellationToken cancellationToken)
    {
        var applied = new ApplyResponse();
        foreach (var batch in objects.Chunk(1000))
        {
            applied = await ApplyAsync(new ApplyRequest { Objects = { batch } }, cancellationToken);
        }

        await RealizedAsync(applied, cancellationToken);
    }

    /// <summary>Returns when what was answered is in the kernel of every node that it concerns.</summary>
    /// <exception cref="TimeoutException">It was not in time; the message names the nodes.</exception>
    public async Task RealizedAsync(ApplyResponse applied, CancellationToken cancellationToken)
    {
        var request = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(RealizedWithin) };
        foreach (var revision in applied.Revisions)
        {
            request.Revisions[revision.Scope] = revision.Revision;
        }

        var answer = await _status.WaitRealizedAsync(request, cancellationToken: cancellationToken);
        if (!answer.Realized)
        {
            throw new TimeoutException($"not realized after {RealizedWithin.TotalSeconds} s: {string.Join(", ", answer.Lagging)}");
        }
    }

    public async Task<bool> AreConnectedAsync(int nodes, CancellationToken cancellationToken)
    {
        var status = await _status.GetClusterStatusAsync(new GetClusterStatusRequest(), cancellationToken: cancellationToken);
        return status.NodesConnected == nodes && status.NodesInSync == nodes;
    }

    public async Task<Counters> CountersAsync(CancellationToken cancellationToken) =>
        Counters.Parse(await _admin.GetStringAsync("/metrics", cancellationToken));

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken) =>
        (await _admin.GetAsync("/readyz", cancellationToken)).IsSuccessStatusCode;

    public void Dispose()
    {
        _channel.Dispose();
        _admin.Dispose();
    }

    private static SocketsHttpHandler Through(PacketLab lab, IPEndPoint to) => new()
    {
        ConnectCallback = async (_, cancellationToken) => await lab.OpenStreamAsync(lab.Control.Name, to, cancellationToken),
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
    };
}
