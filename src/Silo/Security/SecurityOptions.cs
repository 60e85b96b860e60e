using Vallum.Credentials;

namespace Vallum.Silo.Security;

/// <summary>How a silo knows who talks to it. Read like <see cref="Hosting.SiloOptions"/>, from the same section. Every file is read again when it changes.</summary>
internal sealed class SecurityOptions
{
    /// <summary>PEM file with the authorities whose certificates clients show. With it, or with tokens, clients must be known; empty: whoever comes is an admin.</summary>
    public string ClientCa { get; set; } = "";

    /// <summary>PEM or DER file with revocation lists of those authorities; empty: none.</summary>
    public string Crl { get; set; } = "";

    /// <summary>Certificates name <c>spiffe://TRUST-DOMAIN/…</c>; default "vallum".</summary>
    public string TrustDomain { get; set; } = PeerIdentity.DefaultTrustDomain;

    /// <summary>JSON file that gives users and groups roles; empty: only the built-in groups have some.</summary>
    public string Access { get; set; } = "";

    /// <summary>An OpenID Connect issuer, whose keys are fetched from it; empty: none.</summary>
    public string JwtAuthority { get; set; } = "";

    /// <summary>A JSON Web Key Set (RFC 7517) to verify tokens with; instead of an authority.</summary>
    public string JwtKeys { get; set; } = "";

    /// <summary>What a token's iss must be; needed with <see cref="JwtKeys"/>, and with an authority its own by default.</summary>
    public string JwtIssuer { get; set; } = "";

    /// <summary>What must be in a token's aud; needed for tokens.</summary>
    public string JwtAudience { get; set; } = "";

    /// <summary>PEM files for connections between silos; empty: the listener's, where it names a silo and is for both sides, with <see cref="ClientCa"/>.</summary>
    public string SiloTlsCertificate { get; set; } = "";

    public string SiloTlsKey { get; set; } = "";

    public string SiloTlsCa { get; set; } = "";

    /// <summary>Between two looks at the files, and at open connections whose certificates may have ended; 100 ms to 10 min, default 2 s.</summary>
    public TimeSpan CredentialCheck { get; set; } = TimeSpan.FromSeconds(2);

    public bool TakesTokens => JwtAuthority.Length > 0 || JwtKeys.Length > 0;

    public bool KnowsClients => ClientCa.Length > 0 || TakesTokens;

    public bool HasSiloTls => SiloTlsCertificate.Length > 0;
}
