using System.Net.Security;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Contracts.Api.V1;
using Vallum.Credentials;
using Metadata = Grpc.Core.Metadata;

namespace Vallum.Security.Tests.Given;

/// <summary>Somebody who calls a silo, with or without something to show.</summary>
public sealed class Client : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly Metadata _headers = [];

    public Client(string address, string authority, CertificateFiles? certificate = null, string? token = null)
    {
        var http = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = certificate?.Load().Context,
                CertificateChainPolicy = PeerTrust.Load(authority, null, PeerIdentity.DefaultTrustDomain).PolicyFor(Purpose.Server),
            },
        };
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = http, DisposeHttpClient = true });
        if (token is not null)
        {
            _headers.Add("authorization", $"Bearer {token}");
        }
    }

    public ChannelBase Channel => _channel;

    public CallOptions Call => new(_headers, DateTime.UtcNow.AddSeconds(20), TestContext.Current.CancellationToken);

    public ResourceService.ResourceServiceClient Resources => new(_channel);

    public TenantService.TenantServiceClient Tenants => new(_channel);

    public StatusService.StatusServiceClient Status => new(_channel);

    public async Task<string> VersionAsync() => (await Status.GetVersionAsync(new GetVersionRequest(), Call)).Version;

    public void Dispose() => _channel.Dispose();
}
