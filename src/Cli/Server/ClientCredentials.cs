using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using Vallum.Credentials;

namespace Vallum.Cli.Server;

/// <summary>What the command shows to the control plane, and whom it believes.</summary>
internal sealed class ClientCredentials
{
    private readonly PeerTrust? _silos;
    private readonly OwnCertificate? _own;
    private readonly string? _token;

    private ClientCredentials(PeerTrust? silos, OwnCertificate? own, string? token) => (_silos, _own, _token) = (silos, own, token);

    /// <summary>They are of no use without TLS.</summary>
    public bool AreForTls => _silos is not null || _own is not null;

    /// <exception cref="CommandFailure">What is given does not fit together, or cannot be read.</exception>
    public static ClientCredentials Read(string? authorities, string? certificate, string? key, string? token, string? tokenFile)
    {
        if (certificate is null != key is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--certificate and --key belong together (VALLUM_CERTIFICATE, VALLUM_KEY)");
        }

        try
        {
            return new ClientCredentials(
                authorities is null ? null : PeerTrust.Load(authorities, null, PeerIdentity.DefaultTrustDomain),
                certificate is null ? null : OwnCertificate.Load(certificate, key!),
                token ?? (tokenFile is null ? null : File.ReadAllText(tokenFile).Trim()));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Usage, exception.Message);
        }
    }

    /// <exception cref="CommandFailure">They would be shown to whoever listens on the way, or to nobody.</exception>
    public void EnsureFit(Uri server)
    {
        if (server.Scheme == Uri.UriSchemeHttps)
        {
            return;
        }

        if (AreForTls)
        {
            throw new CommandFailure(ExitCode.Usage, $"--ca and --certificate need https, and the server is {server}: choose another with --server or VALLUM_SERVER");
        }

        if (_token is not null && !server.IsLoopback)
        {
            throw new CommandFailure(ExitCode.Usage, $"a token would go to {server} without TLS, for everybody on the way to take: use https");
        }
    }

    public HttpMessageHandler Handler()
    {
        var http = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) };
        if (AreForTls)
        {
            http.SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = _own?.Context,
                CertificateChainPolicy = _silos?.PolicyFor(Purpose.Server),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            };
        }

        return _token is null ? http : new WithToken(_token) { InnerHandler = http };
    }

    private sealed class WithToken(string token) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
