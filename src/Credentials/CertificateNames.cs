using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Vallum.Credentials;

/// <summary>What a certificate says of its subject, as far as it is asked here.</summary>
public static class CertificateNames
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string Organization = "2.5.4.10";

    // GeneralName ::= CHOICE { … uniformResourceIdentifier [6] IA5String … } (RFC 5280, 4.2.1.6)
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>The URIs among its alternative names. .NET reads only DNS names and addresses.</summary>
    /// <exception cref="AsnContentException">The extension is malformed.</exception>
    public static ImmutableArray<string> UrisOf(X509Certificate2 certificate)
    {
        var uris = ImmutableArray.CreateBuilder<string>();
        foreach (var extension in certificate.Extensions.Where(e => e.Oid?.Value == SubjectAlternativeName))
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(Uri))
                {
                    uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
                }
                else
                {
                    names.ReadEncodedValue();
                }
            }
        }

        return uris.ToImmutable();
    }

    /// <summary>The subject's organizations: a user's groups, as Kubernetes reads them.</summary>
    public static ImmutableArray<string> OrganizationsOf(X509Certificate2 certificate) =>
    [
        .. certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(name => !name.HasMultipleElements && name.GetSingleElementType().Value == Organization)
            .Select(name => name.GetSingleElementValue())
            .OfType<string>(),
    ];

    /// <summary>"01AB…", as openssl prints it: without leading zeros.</summary>
    public static string SerialOf(X509Certificate2 certificate) => SerialOf(certificate.SerialNumberBytes.Span);

    internal static string SerialOf(ReadOnlySpan<byte> bigEndian) => Convert.ToHexString(bigEndian.TrimStart((byte)0));

    /// <summary>For a log or an answer: the subject where there is one, and the serial number.</summary>
    public static string Describe(X509Certificate2 certificate)
    {
        var words = new StringBuilder("certificate ").Append(SerialOf(certificate));
        return certificate.Subject.Length > 0 ? words.Append(" (").Append(certificate.Subject).Append(')').ToString() : words.ToString();
    }
}
