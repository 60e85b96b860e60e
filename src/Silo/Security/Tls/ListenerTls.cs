using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Vallum.Credentials;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Security.Tls;

/// <summary>TLS of the gRPC listener. Each connection is begun with what the files say at that moment.</summary>
internal static class ListenerTls
{
    /// <summary>Certificates that a client may send behind its own: each costs whoever looks for a way through them.</summary>
    private const int LongestChain = 8;

    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(10);

    public static void UseListenerTls(this ListenOptions listen, SiloCredentials credentials, PeerConnections connections)
    {
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeWithin,
            OnConnection = context =>
            {
                var options = OptionsOf(credentials);
                // Whoever shows nothing, or what does not hold, is told so by the first call's answer, in words: TLS knows only alerts.
                options.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                {
                    var sent = Sent(chain);
                    if (certificate is not null && credentials.Clients is not null)
                    {
                        context.Connection.Features.Set(new PeerConnection(context.Connection, Copy(certificate), sent, Purpose.Client));
                    }

                    return sent.Count <= LongestChain;
                };
                return ValueTask.FromResult(options);
            },
        });
        if (credentials.Clients is { } trust)
        {
            listen.Use(next => async connection =>
            {
                using var watching = connection.Features.Get<PeerConnection>() is { } peer ? connections.Watch(peer, trust) : null;
                await next(connection);
            });
        }
    }

    /// <summary>The certificate lives as long as the handshake; the judgement outlasts it.</summary>
    internal static X509Certificate2 Copy(X509Certificate certificate) => X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());

    /// <summary>What the peer sent behind its certificate.</summary>
    internal static X509Certificate2Collection Sent(X509Chain? chain) =>
        chain is null ? [] : [.. chain.ChainPolicy.ExtraStore.Select(c => Copy(c))];

    private static SslServerAuthenticationOptions OptionsOf(SiloCredentials credentials) => new()
    {
        ServerCertificateContext = credentials.Own!.Current.Context,
        ClientCertificateRequired = credentials.Clients is not null,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        // A session that is resumed would be another way in, past what was revoked meanwhile.
        AllowTlsResume = false,
        CertificateChainPolicy = credentials.Clients?.Current.PolicyFor(Purpose.Client),
    };
}
