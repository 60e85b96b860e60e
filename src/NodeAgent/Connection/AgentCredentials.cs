using System.Net.Security;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Vallum.Credentials;

namespace Vallum.NodeAgent.Connection;

/// <summary>What the agent shows to silos, and whom it believes: from files, which each new connection finds as they are then.</summary>
internal sealed class AgentCredentials
{
    private readonly ILogger _logger;
    private readonly string _node;
    private readonly WatchedFiles<OwnCertificate>? _own;
    private readonly WatchedFiles<PeerTrust>? _silos;

    private AgentCredentials(AgentOptions options, ILogger logger)
    {
        (_node, _logger) = (options.Node, logger);
        _own = options.Tls is var (certificate, key) ? new([certificate, key], () => OwnCertificate.Load(certificate, key)) : null;
        _silos = options.TlsAuthorities is { } authorities ? new([authorities], () => PeerTrust.Load(authorities, null, PeerIdentity.DefaultTrustDomain)) : null;
        WarnOfOtherNode();
    }

    /// <summary>Null: no files are given; with https the system's authorities are believed, and nothing is shown.</summary>
    /// <exception cref="InvalidDataException">A file does not hold what it should.</exception>
    public static AgentCredentials? Of(AgentOptions options, ILogger logger) =>
        options.Tls is null && options.TlsAuthorities is null ? null : new AgentCredentials(options, logger);

    /// <summary>For one connection.</summary>
    public SslClientAuthenticationOptions Read()
    {
        Check(_own);
        Check(_silos);
        return new SslClientAuthenticationOptions
        {
            ClientCertificateContext = _own?.Current.Context,
            CertificateChainPolicy = _silos?.Current.PolicyFor(Purpose.Server),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
    }

    private void Check(IWatchedFiles? files)
    {
        switch (files?.Check())
        {
            case { Failure: { } failure }:
                AgentLog.CredentialsNotRead(_logger, failure);
                break;
            case { Failure: null }:
                WarnOfOtherNode();
                break;
            case null:
                break;
        }
    }

    private void WarnOfOtherNode()
    {
        if (_own?.Current is { Identity: { } identity } own && (identity.Kind != PeerKind.Node || identity.Name != _node))
        {
            AgentLog.OtherNode(_logger, CertificateNames.SerialOf(own.Certificate), identity.ToString(), _node);
        }
    }
}
