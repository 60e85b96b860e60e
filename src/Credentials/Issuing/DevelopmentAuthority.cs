using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vallum.Credentials.Issuing;

/// <summary>What a certificate is to say.</summary>
/// <param name="Groups">Of a user: its organizations.</param>
/// <param name="Hosts">Of a silo: DNS names and addresses that clients reach it by.</param>
public sealed record Subject(PeerKind Kind, string Name, ImmutableArray<string> Groups, ImmutableArray<string> Hosts);

/// <summary>A certificate and its key, in PEM.</summary>
public sealed record Issued(string Certificate, string Key);

/// <summary>
/// An authority for development and tests: one P-256 key in a file, no second pair of eyes, no log of what it issued. It lasts ten years.
/// </summary>
public sealed class DevelopmentAuthority : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(3653);

    /// <summary>Clocks of machines differ: a certificate counts a little before it is made.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly X509Certificate2 _certificate;

    private DevelopmentAuthority(X509Certificate2 certificate, string trustDomain) => (_certificate, TrustDomain) = (certificate, trustDomain);

    public string TrustDomain { get; }

    public X509Certificate2 Certificate => _certificate;

    public static DevelopmentAuthority Create(string trustDomain, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name($"Vallum development authority of {trustDomain}", []), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(Names(new Uri($"spiffe://{trustDomain}"), []));
        return new DevelopmentAuthority(request.CreateSelfSigned(now - ClockSkew, now + Lifetime), trustDomain);
    }

    /// <exception cref="InvalidDataException">It is no authority that this program made.</exception>
    public static DevelopmentAuthority FromPem(string certificate, string key)
    {
        try
        {
            var read = X509Certificate2.CreateFromPem(certificate, key);
            return CertificateNames.UrisOf(read) is [var uri] && uri.StartsWith("spiffe://", StringComparison.Ordinal) &&
                uri["spiffe://".Length..].TrimEnd('/') is var domain && PeerIdentity.IsTrustDomain(domain)
                ? new DevelopmentAuthority(read, domain)
                : throw new InvalidDataException("it names no trust domain (spiffe://…)");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"it is no authority with its key: {exception.Message}");
        }
    }

    public Issued Export()
    {
        using var key = _certificate.GetECDsaPrivateKey()!;
        return new Issued(_certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>The certificate ends with the authority at the latest.</summary>
    public Issued Issue(Subject subject, DateTimeOffset now, TimeSpan lifetime)
    {
        var ends = now + lifetime;
        return Issue(subject, now - ClockSkew, ends < _certificate.NotAfter ? ends : _certificate.NotAfter, PurposesOf(subject.Kind));
    }

    /// <summary>One that is odd in whatever way is asked for.</summary>
    /// <param name="purposes">Its extended key usage.</param>
    /// <param name="uri">What it names instead of the subject; null: the subject.</param>
    public Issued Issue(Subject subject, DateTimeOffset notBefore, DateTimeOffset notAfter, ImmutableArray<string> purposes, Uri? uri = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Name(subject.Name, subject.Groups), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. purposes.Select(p => new Oid(p))], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(Names(uri ?? new Uri(new PeerIdentity(TrustDomain, subject.Kind, subject.Name).ToString()), subject.Hosts));
        using var issued = request.Create(_certificate, notBefore, notAfter, NewSerial());
        return new Issued(issued.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>The list of what is taken back.</summary>
    /// <param name="before">The list so far, in PEM; null: the first one.</param>
    /// <param name="serials">What comes on it, in hexadecimal; what is on it already stays.</param>
    public string Revoke(string? before, IEnumerable<string> serials, DateTimeOffset now)
    {
        var number = BigInteger.Zero;
        var list = before is null ? new CertificateRevocationListBuilder() : CertificateRevocationListBuilder.LoadPem(before, out number);
        foreach (var serial in serials)
        {
            var bytes = Positive(Convert.FromHexString(serial));
            list.RemoveEntry(bytes);
            list.AddEntry(bytes, now);
        }

        var next = _certificate.NotAfter;
        return PemEncoding.WriteString("X509 CRL", list.Build(_certificate, number + 1, next, HashAlgorithmName.SHA256, thisUpdate: now - ClockSkew)) + "\n";
    }

    public void Dispose() => _certificate.Dispose();

    /// <summary>A silo is a server to orchestrators and agents, and to other silos both.</summary>
    private static ImmutableArray<string> PurposesOf(PeerKind kind) => kind == PeerKind.Silo ? [Purpose.Server, Purpose.Client] : [Purpose.Client];

    private static X500DistinguishedName Name(string commonName, ImmutableArray<string> organizations)
    {
        var name = new X500DistinguishedNameBuilder();
        foreach (var organization in organizations)
        {
            name.AddOrganizationName(organization);
        }

        // ub-common-name (RFC 5280, appendix A.1): the name that counts is the URI.
        name.AddCommonName(commonName.Length <= 64 ? commonName : commonName[..64]);
        return name.Build();
    }

    private static X509Extension Names(Uri uri, ImmutableArray<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(uri);
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }

    private static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        // Positive, and without a leading zero.
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }

    private static byte[] Positive(byte[] serial) => serial.Length > 0 && serial[0] >= 0x80 ? [0, .. serial] : serial;
}
