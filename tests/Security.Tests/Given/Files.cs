using System.Collections.Immutable;
using Vallum.Credentials;
using Vallum.Credentials.Issuing;

namespace Vallum.Security.Tests.Given;

/// <summary>A certificate and its key, in files.</summary>
public sealed record CertificateFiles(string Certificate, string Key)
{
    public OwnCertificate Load() => OwnCertificate.Load(Certificate, Key);
}

/// <summary>A folder with an authority and whatever it issues; goes with the test.</summary>
public sealed class Files : IDisposable
{
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "::1"];

    private readonly DevelopmentAuthority _authority = DevelopmentAuthority.Create(PeerIdentity.DefaultTrustDomain, DateTimeOffset.UtcNow.AddDays(-30));
    private readonly string _folder = Directory.CreateTempSubdirectory("vallum-security-").FullName;
    private int _next;

    public Files()
    {
        Authority = Write("ca.pem", _authority.Export().Certificate);
        Crl = Write("crl.pem", _authority.Revoke(null, [], DateTimeOffset.UtcNow));
    }

    public string Authority { get; }

    public string Crl { get; }

    public DevelopmentAuthority Issuer => _authority;

    public static Subject Of(PeerKind kind, string name, params string[] groups) => new(kind, name, [.. groups], kind == PeerKind.Silo ? [.. Loopback] : []);

    public CertificateFiles User(string name, params string[] groups) => Issue(Of(PeerKind.User, name, groups));

    public CertificateFiles Node(string name) => Issue(Of(PeerKind.Node, name));

    public CertificateFiles Silo(string name) => Issue(Of(PeerKind.Silo, name));

    public CertificateFiles Issue(Subject subject) => Write(_authority.Issue(subject, DateTimeOffset.UtcNow, TimeSpan.FromDays(1)));

    public CertificateFiles Odd(Subject subject, TimeSpan from, TimeSpan to, ImmutableArray<string> purposes, Uri? uri = null) =>
        Write(_authority.Issue(subject, DateTimeOffset.UtcNow + from, DateTimeOffset.UtcNow + to, purposes, uri));

    /// <summary>Takes it back, at once for whoever reads the list.</summary>
    public void Revoke(CertificateFiles certificate)
    {
        using var own = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(certificate.Certificate);
        lock (_authority)
        {
            Write("crl.pem", _authority.Revoke(File.ReadAllText(Crl), [CertificateNames.SerialOf(own)], DateTimeOffset.UtcNow));
        }
    }

    public CertificateFiles Write(Issued issued)
    {
        var number = Interlocked.Increment(ref _next);
        return new CertificateFiles(Write($"{number}.pem", issued.Certificate), Write($"{number}-key.pem", issued.Key));
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    public string FolderOf(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
