using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vallum.Credentials;

/// <summary>
/// What an authority has taken back (RFC 5280, 5). .NET asks for revocation lists over the network only and takes no file, so the list is read here: its
/// signature is the authority's, or it is no list.
/// </summary>
public sealed class RevocationList
{
    private const string PemLabel = "X509 CRL";

    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 0, isConstructed: true);

    private readonly FrozenSet<string> _serials;

    private RevocationList(ReadOnlyMemory<byte> issuer, DateTimeOffset thisUpdate, DateTimeOffset? nextUpdate, FrozenSet<string> serials) =>
        (Issuer, ThisUpdate, NextUpdate, _serials) = (issuer, thisUpdate, nextUpdate, serials);

    /// <summary>The authority's name, encoded.</summary>
    public ReadOnlyMemory<byte> Issuer { get; }

    public DateTimeOffset ThisUpdate { get; }

    /// <summary>When the authority wanted to write the next one; null: it does not say.</summary>
    public DateTimeOffset? NextUpdate { get; }

    public IReadOnlyCollection<string> Serials => _serials;

    /// <summary>One list in DER, or any number of them in PEM.</summary>
    /// <param name="authorities">One of them must have signed each list.</param>
    /// <exception cref="InvalidDataException">It is no revocation list, or nobody of the authorities signed it.</exception>
    public static IReadOnlyList<RevocationList> ReadAll(byte[] file, IReadOnlyCollection<X509Certificate2> authorities)
    {
        if (!file.AsSpan().StartsWith("-----BEGIN"u8))
        {
            return [Read(file, authorities)];
        }

        var text = System.Text.Encoding.ASCII.GetString(file).AsSpan();
        var lists = new List<RevocationList>();
        while (PemEncoding.TryFind(text, out var pem))
        {
            if (text[pem.Label].SequenceEqual(PemLabel))
            {
                lists.Add(Read(Convert.FromBase64String(text[pem.Base64Data].ToString()), authorities));
            }

            text = text[pem.Location.End..];
        }

        return lists.Count > 0 ? lists : throw new InvalidDataException($"there is no '{PemLabel}' in it");
    }

    public bool Revokes(X509Certificate2 certificate) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(Issuer.Span) && _serials.Contains(CertificateNames.SerialOf(certificate));

    private static RevocationList Read(byte[] der, IReadOnlyCollection<X509Certificate2> authorities)
    {
        try
        {
            var list = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            var signed = list.PeekEncodedValue();
            var body = list.ReadSequence();
            var algorithm = list.ReadSequence().ReadObjectIdentifier();
            var signature = list.ReadBitString(out _);
            var read = ReadBody(body);
            return authorities.Any(a => a.SubjectName.RawData.AsSpan().SequenceEqual(read.Issuer.Span) && IsSigned(a, algorithm, signed.Span, signature))
                ? read
                : throw new InvalidDataException($"none of the authorities signed the list of {new X500DistinguishedName(read.Issuer.Span).Name}");
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException or FormatException)
        {
            throw new InvalidDataException($"it is no revocation list: {exception.Message}");
        }
    }

    private static RevocationList ReadBody(AsnReader body)
    {
        if (body.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            body.ReadInteger();
        }

        body.ReadSequence();
        var issuer = body.ReadEncodedValue();
        var thisUpdate = ReadTime(body);
        var nextUpdate = body.HasData && IsTime(body.PeekTag()) ? ReadTime(body) : (DateTimeOffset?)null;
        var serials = new HashSet<string>();
        if (body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            var entries = body.ReadSequence();
            while (entries.HasData)
            {
                serials.Add(CertificateNames.SerialOf(entries.ReadSequence().ReadIntegerBytes().Span));
            }
        }

        RefuseUnknown(body);
        return new RevocationList(issuer, thisUpdate, nextUpdate, serials.ToFrozenSet());
    }

    /// <summary>Who does not know a critical extension must not use the list: it may be a part only, or about other authorities.</summary>
    private static void RefuseUnknown(AsnReader body)
    {
        if (!body.HasData || !body.PeekTag().HasSameClassAndValue(Extensions))
        {
            return;
        }

        var extensions = body.ReadSequence(Extensions).ReadSequence();
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var id = extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean())
            {
                throw new InvalidDataException($"it has a critical extension that is not understood, {id}: give whole lists, one per authority");
            }
        }
    }

    private static bool IsTime(Asn1Tag tag) => tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    // RFC 5758, 3.2 (ECDSA) and RFC 4055, 5 (RSA).
    private static bool IsSigned(X509Certificate2 authority, string algorithm, ReadOnlySpan<byte> signed, byte[] signature)
    {
        using var ecdsa = authority.GetECDsaPublicKey();
        using var rsa = authority.GetRSAPublicKey();
        return algorithm switch
        {
            "1.2.840.10045.4.3.2" => Ecdsa(HashAlgorithmName.SHA256, signed),
            "1.2.840.10045.4.3.3" => Ecdsa(HashAlgorithmName.SHA384, signed),
            "1.2.840.10045.4.3.4" => Ecdsa(HashAlgorithmName.SHA512, signed),
            "1.2.840.113549.1.1.11" => Rsa(HashAlgorithmName.SHA256, signed),
            "1.2.840.113549.1.1.12" => Rsa(HashAlgorithmName.SHA384, signed),
            "1.2.840.113549.1.1.13" => Rsa(HashAlgorithmName.SHA512, signed),
            _ => throw new InvalidDataException($"it is signed with {algorithm}: use ECDSA or RSA (PKCS #1) with SHA-256, 384 or 512"),
        };

        bool Ecdsa(HashAlgorithmName hash, ReadOnlySpan<byte> bytes) => ecdsa?.VerifyData(bytes, signature, hash, DSASignatureFormat.Rfc3279DerSequence) == true;

        bool Rsa(HashAlgorithmName hash, ReadOnlySpan<byte> bytes) => rsa?.VerifyData(bytes, signature, hash, RSASignaturePadding.Pkcs1) == true;
    }
}
