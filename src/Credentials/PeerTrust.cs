using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vallum.Credentials;

/// <summary>What a certificate is used for (RFC 5280, 4.2.1.12).</summary>
public static class Purpose
{
    public const string Client = "1.3.6.1.5.5.7.3.2";
    public const string Server = "1.3.6.1.5.5.7.3.1";

    public static string WordOf(string purpose) => purpose == Server ? "serverAuth" : "clientAuth";
}

/// <summary>Whom we believe: authorities, what they took back, and the trust domain whose names count. Replaced whole when a file changes.</summary>
public sealed class PeerTrust
{
    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _intermediates = [];
    private readonly IReadOnlyList<RevocationList> _revoked;
    private readonly string _trustDomain;

    private PeerTrust(X509Certificate2Collection authorities, IReadOnlyList<RevocationList> revoked, string trustDomain)
    {
        foreach (var authority in authorities)
        {
            (authority.SubjectName.RawData.AsSpan().SequenceEqual(authority.IssuerName.RawData) ? _roots : _intermediates).Add(authority);
        }

        (_revoked, _trustDomain) = (revoked, trustDomain);
    }

    public IReadOnlyList<RevocationList> Revoked => _revoked;

    /// <param name="authorities">PEM file: roots, and intermediates where peers do not send them.</param>
    /// <param name="revocations">File of revocation lists; null: nothing was ever taken back.</param>
    /// <exception cref="InvalidDataException">A file does not hold what it should.</exception>
    public static PeerTrust Load(string authorities, string? revocations, string trustDomain)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(authorities);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException($"{authorities}: {exception.Message}");
        }

        if (!certificates.Any(c => c.SubjectName.RawData.AsSpan().SequenceEqual(c.IssuerName.RawData)))
        {
            throw new InvalidDataException($"{authorities}: there is no root certificate in it, in PEM");
        }

        if (revocations is null)
        {
            return new PeerTrust(certificates, [], trustDomain);
        }

        try
        {
            return new PeerTrust(certificates, RevocationList.ReadAll(File.ReadAllBytes(revocations), [.. certificates]), trustDomain);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{revocations}: {exception.Message}");
        }
    }

    /// <param name="sent">What the peer sent behind its certificate.</param>
    /// <param name="purpose">One of <see cref="Purpose"/>.</param>
    public PeerJudgement Judge(X509Certificate2 certificate, X509Certificate2Collection sent, string purpose, DateTimeOffset now)
    {
        if (!certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(e => e.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == purpose)))
        {
            return Refuse("CERTIFICATE_USAGE", certificate, $"is not for this side of a connection: its extended key usage lacks {Purpose.WordOf(purpose)}");
        }

        using var chain = new X509Chain { ChainPolicy = PolicyFor(purpose) };
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        var valid = chain.Build(certificate);
        var elements = chain.ChainElements.Select(e => e.Certificate).ToList();
        try
        {
            return valid ? JudgeValid(certificate, elements) : RefusedBecause(certificate, chain, now);
        }
        finally
        {
            elements.ForEach(e => e.Dispose());
        }
    }

    /// <summary>For TLS itself: our authorities only, and nothing that a peer's certificate names is fetched.</summary>
    public X509ChainPolicy PolicyFor(string purpose)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_roots);
        policy.ExtraStore.AddRange(_intermediates);
        policy.ApplicationPolicy.Add(new Oid(purpose));
        return policy;
    }

    private PeerJudgement JudgeValid(X509Certificate2 certificate, List<X509Certificate2> chain)
    {
        if (chain.Find(c => _revoked.Any(list => list.Revokes(c))) is { } revoked)
        {
            return Refuse("CERTIFICATE_REVOKED", revoked, "is revoked");
        }

        try
        {
            return CertificateNames.UrisOf(certificate) switch
            {
                [var uri] when PeerIdentity.TryParse(uri, out var identity) => identity.TrustDomain == _trustDomain
                    ? new PeerJudgement.Known(identity, CertificateNames.OrganizationsOf(certificate), certificate.NotAfter)
                    : Refuse("CERTIFICATE_IDENTITY", certificate, $"is of the trust domain {identity.TrustDomain}, not of {_trustDomain}"),
                [var other] => Refuse("CERTIFICATE_IDENTITY", certificate, $"names {other}, and not spiffe://{_trustDomain}/node/NAME, /silo/NAME or /user/NAME"),
                { IsEmpty: true } => Refuse("CERTIFICATE_IDENTITY", certificate, $"names nobody: its subject alternative names lack spiffe://{_trustDomain}/node/NAME, /silo/NAME or /user/NAME"),
                _ => Refuse("CERTIFICATE_IDENTITY", certificate, "names more than one URI"),
            };
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            return Refuse("CERTIFICATE_IDENTITY", certificate, $"cannot be read: {exception.Message}");
        }
    }

    private static PeerJudgement.Refused RefusedBecause(X509Certificate2 certificate, X509Chain chain, DateTimeOffset now)
    {
        if (now > certificate.NotAfter)
        {
            return Refuse("CERTIFICATE_EXPIRED", certificate, $"expired at {certificate.NotAfter.ToUniversalTime():u}");
        }

        if (now < certificate.NotBefore)
        {
            return Refuse("CERTIFICATE_NOT_YET_VALID", certificate, $"is not valid before {certificate.NotBefore.ToUniversalTime():u}; this machine's clock says {now.UtcDateTime:u}");
        }

        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        return (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0
            ? Refuse("CERTIFICATE_UNTRUSTED", certificate, $"is not issued by an authority that is known here, but by {(certificate.Issuer.Length > 0 ? certificate.Issuer : "nobody with a name")}")
            : Refuse("CERTIFICATE_UNTRUSTED", certificate, $"does not hold: {string.Join(' ', chain.ChainStatus.Select(s => s.StatusInformation.Trim()))}");
    }

    private static PeerJudgement.Refused Refuse(string reason, X509Certificate2 certificate, string words) =>
        new(reason, $"{CertificateNames.Describe(certificate)} {words}");
}
