using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;
using Vallum.Credentials;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Security.Tls;

/// <summary>TLS between silos, both ways: each shows a certificate that names a silo of the trust domain, or the connection ends before Orleans sees a byte.</summary>
internal sealed partial class SiloTls(SiloCredentials credentials, PeerConnections connections, TimeProvider time, ILogger<SiloTls> logger)
{
    /// <summary>Silos are known by what their certificates name, not by addresses, which change.</summary>
    private const string AnySilo = "vallum-silo";

    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(5);

    /// <summary>A read from TLS gives at most a record.</summary>
    private const int RecordBytes = 16 * 1024;

    public void Inbound(IConnectionBuilder builder) => builder.Use(next => connection => RunAsync(connection, next, isServer: true));

    public void Outbound(IConnectionBuilder builder) => builder.Use(next => connection => RunAsync(connection, next, isServer: false));

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, bool isServer)
    {
        var (own, trust) = (credentials.SiloOwn!, credentials.Silos!);
        var plain = connection.Transport;
        await using var ssl = new SslStream(new PipeStream(plain), leaveInnerStreamOpen: true);
        PeerConnection? peer = null;
        PeerJudgement judgement = new PeerJudgement.Refused("NO_CREDENTIALS", "it shows no certificate");
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            deadline.CancelAfter(HandshakeWithin);
            await HandshakeAsync(deadline.Token);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException)
        {
            LogRefused(connection.RemoteEndPoint, judgement is PeerJudgement.Refused { Reason: not "NO_CREDENTIALS" } refused ? refused.Words : exception.GetBaseException().Message);
            connection.Abort(new ConnectionAbortedException("TLS between silos failed", exception));
            throw;
        }

        var options = new StreamPipeReaderOptions(bufferSize: RecordBytes, minimumReadSize: RecordBytes / 4, leaveOpen: true, useZeroByteReads: true);
        var secret = new SecretPipe(PipeReader.Create(ssl, options), PipeWriter.Create(ssl, new StreamPipeWriterOptions(leaveOpen: true)));
        connection.Transport = secret;
        using var watching = connections.Watch(peer!, trust);
        try
        {
            await next(connection);
        }
        finally
        {
            await secret.Output.CompleteAsync();
            await secret.Input.CompleteAsync();
            connection.Transport = plain;
        }

        Task HandshakeAsync(CancellationToken cancellationToken) => isServer
            ? ssl.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = own.Current.Context,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    AllowTlsResume = false,
                    CertificateChainPolicy = trust.Current.PolicyFor(Purpose.Client),
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsSilo(certificate, chain, Purpose.Client),
                },
                cancellationToken)
            : ssl.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = AnySilo,
                    ClientCertificateContext = own.Current.Context,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    AllowTlsResume = false,
                    CertificateChainPolicy = trust.Current.PolicyFor(Purpose.Server),
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsSilo(certificate, chain, Purpose.Server),
                },
                cancellationToken);

        bool IsSilo(System.Security.Cryptography.X509Certificates.X509Certificate? certificate, System.Security.Cryptography.X509Certificates.X509Chain? chain, string purpose)
        {
            if (certificate is null)
            {
                return false;
            }

            peer = new PeerConnection(connection, ListenerTls.Copy(certificate), ListenerTls.Sent(chain), purpose);
            judgement = peer.Judge(trust.Current, time.GetUtcNow()) is PeerJudgement.Known { Identity: { Kind: not PeerKind.Silo } other }
                ? new PeerJudgement.Refused("NOT_A_SILO", $"{other} is no silo")
                : peer.Judge(trust.Current, time.GetUtcNow());
            return judgement is PeerJudgement.Known;
        }
    }

    private sealed record SecretPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    [LoggerMessage(EventId = 1521, Level = LogLevel.Warning, Message = "A connection between silos, with {Address}, is refused: {Words}")]
    private partial void LogRefused(System.Net.EndPoint? address, string words);
}

internal static class SiloTlsHosting
{
    /// <summary>Connections between silos are TLS where the settings have a certificate for them.</summary>
    public static void UseSiloTls(this ISiloBuilder silo) => silo.Services.AddOptions<SiloConnectionOptions>().Configure<SiloCredentials, SiloTls>((options, credentials, tls) =>
    {
        if (credentials.SiloOwn is not null)
        {
            options.ConfigureSiloInboundConnection(tls.Inbound);
            options.ConfigureSiloOutboundConnection(tls.Outbound);
        }
    });
}
