using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vallum.Credentials;

/// <summary>What we show to peers: a certificate with its key, and what leads from it to an authority.</summary>
public sealed class OwnCertificate
{
    private OwnCertificate(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        (Certificate, Chain) = (certificate, chain);
        // Offline: nothing is fetched, and what the file holds is what is sent.
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    public X509Certificate2 Certificate { get; }

    public X509Certificate2Collection Chain { get; }

    public SslStreamCertificateContext Context { get; }

    /// <param name="certificate">PEM file: the certificate first, and behind it intermediates.</param>
    /// <param name="key">PEM file with its key, not encrypted.</param>
    /// <exception cref="InvalidDataException">They are no certificate and its key.</exception>
    public static OwnCertificate Load(string certificate, string key)
    {
        try
        {
            var own = X509Certificate2.CreateFromPemFile(certificate, key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            chain.RemoveAt(0);
            return new OwnCertificate(own, chain);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{certificate} and {key} are no certificate and its key in PEM: {exception.Message}");
        }
    }

    /// <summary>Whether it may be shown on this side of a connection; a certificate that does not say may be shown on both.</summary>
    public bool IsFor(string purpose) =>
        Certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().All(e => e.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == purpose));

    /// <summary>Null: it names nobody of ours.</summary>
    public PeerIdentity? Identity =>
        CertificateNames.UrisOf(Certificate) is [var uri] && PeerIdentity.TryParse(uri, out var identity) ? identity : null;
}
