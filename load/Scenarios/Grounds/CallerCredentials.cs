using System.Security.Cryptography.X509Certificates;
using Grpc.Core;

namespace Vallum.Scenarios.Grounds;

/// <summary><see cref="CallerIdentity"/> as gRPC takes them.</summary>
internal static class CallerCredentials
{
    /// <exception cref="System.Security.Cryptography.CryptographicException">A file is no certificate or no key.</exception>
    public static SocketsHttpHandler HandlerOf(CallerIdentity caller)
    {
        var handler = new SocketsHttpHandler
        {
            // As many connections as it takes: a silo gives each a few hundred streams.
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (caller.Certificate.Length > 0)
        {
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(caller.Certificate, caller.Key)];
        }

        if (caller.Authority.Length > 0)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(caller.Authority);
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        return handler;
    }

    public static ChannelCredentials Of(CallerIdentity caller, Uri silo)
    {
        var transport = silo.Scheme == Uri.UriSchemeHttps ? ChannelCredentials.SecureSsl : ChannelCredentials.Insecure;
        if (caller.TokenFile.Length == 0)
        {
            return transport;
        }

        var token = File.ReadLines(caller.TokenFile).First().Trim();
        return ChannelCredentials.Create(transport, CallCredentials.FromInterceptor((_, metadata) =>
        {
            metadata.Add("authorization", $"Bearer {token}");
            return Task.CompletedTask;
        }));
    }
}
