using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vallum.Cli.Output;
using Vallum.Credentials;
using Vallum.Credentials.Issuing;

namespace Vallum.Cli.Commands.Pki;

/// <summary>What certificates say: all of the authority's directory, or one file.</summary>
internal static class PkiShow
{
    public static Command Build(TextWriter output)
    {
        var file = new Argument<string?>("file") { Description = "A certificate in PEM. Default: all of --dir", HelpName = "FILE", DefaultValueFactory = _ => null };
        var directory = PkiCommand.Directory();
        var command = new Command("show", "Show who certificates name, what they are for, and until when.") { file, directory };
        command.SetAction(parsed => PkiCommand.Try(() =>
        {
            var authority = new AuthorityDirectory(parsed.GetValue(directory)!);
            var revoked = File.Exists(authority.RevocationsPath) ? authority.Revocations().Serials.ToHashSet() : [];
            var files = parsed.GetValue(file) is { } one
                ? [one]
                : System.IO.Directory.GetFiles(parsed.GetValue(directory)!, "*.pem").Where(IsCertificate).Order(StringComparer.Ordinal).ToArray();
            var table = new TextTable("FILE", "NAMES", "GROUPS", "FOR", "UNTIL", "SERIAL");
            foreach (var path in files)
            {
                using var certificate = Read(path);
                var serial = CertificateNames.SerialOf(certificate);
                table.Add(
                    Path.GetFileName(path),
                    string.Join(' ', CertificateNames.UrisOf(certificate)),
                    string.Join(' ', CertificateNames.OrganizationsOf(certificate)),
                    string.Join(' ', certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(e => e.EnhancedKeyUsages.Cast<Oid>()).Select(o => Purpose.WordOf(o.Value ?? ""))),
                    revoked.Contains(serial) ? "revoked" : certificate.NotAfter < DateTime.Now ? "expired" : $"{certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}",
                    serial);
            }

            table.Write(output);
            return ExitCode.Ok;
        }));
        return command;
    }

    /// <param name="certificate">Its file, or the number itself.</param>
    public static string SerialOf(string certificate)
    {
        if (File.Exists(certificate))
        {
            using var read = Read(certificate);
            return CertificateNames.SerialOf(read);
        }

        var digits = certificate.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        return digits.Length is > 0 and <= 40 && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit)
            ? digits
            : throw new InvalidDataException($"'{certificate}' is neither a file nor a serial number in hexadecimal");
    }

    private static bool IsCertificate(string path) => File.ReadAllText(path).Contains("BEGIN CERTIFICATE", StringComparison.Ordinal);

    private static X509Certificate2 Read(string path)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(path);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException($"{path} is no certificate: {exception.Message}");
        }
    }
}
