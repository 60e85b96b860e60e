using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Vallum.Credentials;
using Vallum.Silo.Hosting;
using Vallum.Silo.Security.Access;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Security;

/// <summary>
/// Everything that files say about who is who, as it is in force now. Read when the silo is put together: a file that is wrong then ends the start, one that
/// is wrong later leaves what was before.
/// </summary>
internal sealed partial class SiloCredentials
{
    private readonly ImmutableArray<IWatchedFiles> _watched;
    private readonly ILogger<SiloCredentials> _logger;

    public SiloCredentials(IOptions<SiloOptions> silo, IOptions<SecurityOptions> security, ILogger<SiloCredentials> logger)
    {
        var (listener, options) = (silo.Value, security.Value);
        _logger = logger;
        Own = listener.HasTls ? Pair(listener.TlsCertificate, listener.TlsKey) : null;
        Clients = options.ClientCa.Length > 0 ? Trust(options, options.ClientCa) : null;
        Access = options.Access.Length > 0 ? new WatchedFiles<AccessTable>([options.Access], () => AccessTable.Load(options.Access)) : null;
        Keys = options.JwtKeys.Length > 0 ? new WatchedFiles<TokenKeys>([options.JwtKeys], () => TokenKeys.Load(options.JwtKeys)) : null;
        (SiloOwn, Silos) = OfSilos(options);
        _watched = [.. new IWatchedFiles?[] { Own, Clients, Access, Keys, SiloOwn, Silos }.OfType<IWatchedFiles>().Distinct()];
    }

    /// <summary>What the listener shows; null: no TLS.</summary>
    public WatchedFiles<OwnCertificate>? Own { get; }

    /// <summary>Whose certificates clients show; null: nobody is asked for one.</summary>
    public WatchedFiles<PeerTrust>? Clients { get; }

    /// <summary>Roles beside those of the built-in groups; null: none.</summary>
    public WatchedFiles<AccessTable>? Access { get; }

    /// <summary>What tokens are verified with; null: not with a file.</summary>
    public WatchedFiles<TokenKeys>? Keys { get; }

    /// <summary>What is shown to other silos, and whom it is shown to; null: silos talk without TLS.</summary>
    public WatchedFiles<OwnCertificate>? SiloOwn { get; }

    public WatchedFiles<PeerTrust>? Silos { get; }

    /// <summary>Reads again what has changed.</summary>
    public void Refresh()
    {
        foreach (var files in _watched)
        {
            switch (files.Check())
            {
                case { Failure: { } failure }:
                    LogNotRead(files.Names, failure);
                    break;
                case { Failure: null }:
                    LogRead(files.Names);
                    WarnOfStaleLists();
                    break;
            }
        }
    }

    /// <summary>A list that is past its time still revokes what is on it: to refuse everybody would make an outage of a forgotten renewal.</summary>
    public void WarnOfStaleLists()
    {
        foreach (var list in (Clients?.Current.Revoked ?? []).Where(list => list.NextUpdate < DateTimeOffset.UtcNow))
        {
            LogStale(list.NextUpdate!.Value);
        }
    }

    private (WatchedFiles<OwnCertificate>?, WatchedFiles<PeerTrust>?) OfSilos(SecurityOptions options)
    {
        if (options.HasSiloTls)
        {
            var own = Pair(options.SiloTlsCertificate, options.SiloTlsKey);
            return CanJoin(own.Current, options)
                ? (own, Trust(options, options.SiloTlsCa))
                : throw new InvalidDataException($"{options.SiloTlsCertificate} is no silo's: it must name spiffe://{options.TrustDomain}/silo/NAME, for clientAuth and serverAuth.");
        }

        return Own is not null && Clients is not null && CanJoin(Own.Current, options) ? (Own, Clients) : (null, null);
    }

    /// <summary>Whether it may be shown to other silos: it names one of this trust domain, and is for both sides of a connection.</summary>
    public static bool CanJoin(OwnCertificate own, SecurityOptions options) =>
        own.IsFor(Purpose.Client) && own.IsFor(Purpose.Server) && own.Identity is { Kind: PeerKind.Silo } identity && identity.TrustDomain == options.TrustDomain;

    private static WatchedFiles<OwnCertificate> Pair(string certificate, string key) => new([certificate, key], () => OwnCertificate.Load(certificate, key));

    private static WatchedFiles<PeerTrust> Trust(SecurityOptions options, string authorities)
    {
        var crl = options.Crl.Length > 0 && authorities == options.ClientCa ? options.Crl : null;
        return new WatchedFiles<PeerTrust>(crl is null ? [authorities] : [authorities, crl], () => PeerTrust.Load(authorities, crl, options.TrustDomain));
    }

    [LoggerMessage(EventId = 1501, Level = LogLevel.Information, Message = "{Files} changed and is in force")]
    private partial void LogRead(string files);

    [LoggerMessage(EventId = 1502, Level = LogLevel.Error, Message = "{Files} changed and cannot be used; what was in it before stays in force: {Words}")]
    private partial void LogNotRead(string files, string words);

    [LoggerMessage(EventId = 1503, Level = LogLevel.Warning, Message = "The revocation list should have been replaced at {NextUpdate:u}; what is on it stays revoked, what came since is not known")]
    private partial void LogStale(DateTimeOffset nextUpdate);
}
