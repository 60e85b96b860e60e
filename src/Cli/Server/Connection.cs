using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Server;

/// <summary>One channel to the control plane, and the deadline of its calls.</summary>
internal sealed class Connection : IDisposable
{
    /// <summary>A whole tenant goes in one message, since it is committed as one.</summary>
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    private readonly GrpcChannel _channel;
    private readonly TimeSpan _timeout;

    public Connection(string address, ClientCredentials credentials, TimeSpan timeout)
    {
        if (!address.Contains("://", StringComparison.Ordinal))
        {
            address = $"{(credentials.AreForTls ? "https" : "http")}://{address}";
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new CommandFailure(ExitCode.Usage, $"'{address}' is not an address such as http://127.0.0.1:7400");
        }

        credentials.EnsureFit(uri);
        Address = uri;
        _timeout = timeout;
        _channel = GrpcChannel.ForAddress(uri, new GrpcChannelOptions
        {
            HttpHandler = credentials.Handler(),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
        });
    }

    public Uri Address { get; }

    public TenantService.TenantServiceClient Tenants => new(_channel);

    public SegmentService.SegmentServiceClient Segments => new(_channel);

    public EndpointService.EndpointServiceClient Endpoints => new(_channel);

    public NodeService.NodeServiceClient Nodes => new(_channel);

    public NetworkSetService.NetworkSetServiceClient NetworkSets => new(_channel);

    public PolicyService.PolicyServiceClient Policies => new(_channel);

    public ResourceService.ResourceServiceClient Resources => new(_channel);

    public AnalysisService.AnalysisServiceClient Analysis => new(_channel);

    public StatusService.StatusServiceClient Status => new(_channel);

    public TrafficService.TrafficServiceClient Traffic => new(_channel);

    public HistoryService.HistoryServiceClient History => new(_channel);

    public CallOptions Call(CancellationToken cancellationToken, TimeSpan? atLeast = null)
    {
        var timeout = atLeast is { } longer && longer > _timeout ? longer : _timeout;
        return new CallOptions(deadline: DateTime.UtcNow + timeout, cancellationToken: cancellationToken);
    }

    /// <summary>For a stream that goes on until it is cancelled.</summary>
    public static CallOptions Stream(CancellationToken cancellationToken) => new(cancellationToken: cancellationToken);

    public void Dispose() => _channel.Dispose();
}
