using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Contracts.Api.V1;
using Vallum.Lab;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.EndToEnd.Tests.Running;

/// <summary>The silo's doors as an orchestrator knows them, from the lab's control host.</summary>
public sealed class ControlPlane : IDisposable
{
    private static readonly TimeSpan RealizedWithin = TimeSpan.FromSeconds(20);

    private readonly GrpcChannel _channel;
    private readonly HttpClient _admin;

    public ControlPlane(PacketLab lab)
    {
        Address = $"http://{lab.Control.V4}:7400";
        _channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions
        {
            HttpHandler = Through(lab, new IPEndPoint(lab.Control.V4, 7400)),
            DisposeHttpClient = true,
            MaxSendMessageSize = 64 * 1024 * 1024,
            // A silo that was killed and started again is tried at once.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(50),
            MaxReconnectBackoff = TimeSpan.FromMilliseconds(200),
        });
        _admin = new HttpClient(Through(lab, new IPEndPoint(IPAddress.Loopback, 7480))) { BaseAddress = new Uri("http://127.0.0.1:7480") };
    }

    /// <summary>As the hosts of the lab reach it.</summary>
    public string Address { get; }

    public ResourceService.ResourceServiceClient Resources => new(_channel);

    public StatusService.StatusServiceClient Status => new(_channel);

    public TenantService.TenantServiceClient Tenants => new(_channel);

    public SegmentService.SegmentServiceClient Segments => new(_channel);

    public EndpointService.EndpointServiceClient Endpoints => new(_channel);

    public PolicyService.PolicyServiceClient Policies => new(_channel);

    public NodeService.NodeServiceClient Nodes => new(_channel);

    /// <summary>For a call of a service that is not the orchestrator's.</summary>
    public GrpcChannel Channel => _channel;

    public async Task<ApplyResponse> ApplyAsync(IEnumerable<ApiObject> objects, IEnumerable<string>? deletes = null, CancellationToken cancellationToken = default)
    {
        var request = new ApplyRequest { Objects = { objects }, Deletes = { deletes ?? [] }, RequestId = Guid.NewGuid().ToString() };
        return await Resources.ApplyAsync(request, deadline: DateTime.UtcNow.AddSeconds(30), cancellationToken: cancellationToken);
    }

    /// <summary>Empty when what the Apply answered is in the kernel of every node concerned; else the nodes where it is not.</summary>
    public async Task<IReadOnlyList<NodeRealization>> WaitRealizedAsync(
        ApplyResponse applied, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        var timeout = within ?? RealizedWithin;
        var request = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(timeout) };
        foreach (var revision in applied.Revisions)
        {
            request.Revisions[revision.Scope] = revision.Revision;
        }

        var answer = await Status.WaitRealizedAsync(request, deadline: DateTime.UtcNow + timeout + TimeSpan.FromSeconds(10), cancellationToken: cancellationToken);
        return answer.Realized ? [] : answer.Lagging.Count > 0 ? answer.Lagging : [new NodeRealization { Error = "not realized, and no node is named" }];
    }

    /// <summary>The etags of everything that all tenants own, and of the tenants, by name.</summary>
    public async Task<SortedDictionary<string, string>> EtagsAsync(CancellationToken cancellationToken)
    {
        var everything = new ListRequest { Parent = "tenants/-", PageSize = 1000 };
        var options = new CallOptions(deadline: DateTime.UtcNow.AddSeconds(10), cancellationToken: cancellationToken);
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var tenant in (await Tenants.ListTenantsAsync(new ListRequest { PageSize = 1000 }, options)).Tenants)
        {
            found[tenant.Name] = tenant.Metadata.Etag;
        }

        foreach (var segment in (await Segments.ListSegmentsAsync(everything, options)).Segments)
        {
            found[segment.Name] = segment.Metadata.Etag;
        }

        foreach (var endpoint in (await Endpoints.ListEndpointsAsync(everything, options)).Endpoints)
        {
            found[endpoint.Name] = endpoint.Metadata.Etag;
        }

        foreach (var policy in (await Policies.ListPoliciesAsync(everything, options)).Policies)
        {
            found[policy.Name] = policy.Metadata.Etag;
        }

        return found;
    }

    public Task<string> AdminAsync(string path, CancellationToken cancellationToken) => _admin.GetStringAsync(path, cancellationToken);

    /// <summary>The sum of a counter of /metrics over all its labels that contain <paramref name="label"/>; 0 while it has never counted.</summary>
    public async Task<double> CounterAsync(string name, string label, CancellationToken cancellationToken)
    {
        var lines = (await AdminAsync("/metrics", cancellationToken)).Split('\n');
        return lines
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], System.Globalization.CultureInfo.InvariantCulture));
    }

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
