using System.Security.Cryptography.X509Certificates;

namespace Vallum.Credentials.Issuing;

/// <summary>A development authority as files: <c>ca.pem</c>, <c>ca-key.pem</c>, <c>crl.pem</c>, and KIND-NAME.pem with KIND-NAME-key.pem of what it issued.</summary>
public sealed class AuthorityDirectory(string path)
{
    public string AuthorityPath => Path.Combine(path, "ca.pem");

    public string AuthorityKeyPath => Path.Combine(path, "ca-key.pem");

    public string RevocationsPath => Path.Combine(path, "crl.pem");

    public string CertificatePath(PeerKind kind, string name) => Path.Combine(path, $"{PeerIdentity.WordOf(kind)}-{name}.pem");

    public string KeyPath(PeerKind kind, string name) => Path.Combine(path, $"{PeerIdentity.WordOf(kind)}-{name}-key.pem");

    /// <exception cref="InvalidDataException">There is an authority already: a second one would not be believed by those that believe the first.</exception>
    public void Create(string trustDomain, DateTimeOffset now)
    {
        if (File.Exists(AuthorityPath) || File.Exists(AuthorityKeyPath))
        {
            throw new InvalidDataException($"there is an authority in {path} already");
        }

        CreateDirectory();
        using var authority = DevelopmentAuthority.Create(trustDomain, now);
        Write(authority.Export(), AuthorityPath, AuthorityKeyPath);
        Write(RevocationsPath, authority.Revoke(null, [], now), isSecret: false);
    }

    /// <exception cref="InvalidDataException">There is no authority of ours.</exception>
    public DevelopmentAuthority Open()
    {
        if (!File.Exists(AuthorityPath) || !File.Exists(AuthorityKeyPath))
        {
            throw new InvalidDataException($"there is no authority in {path}: make one with vallum pki init --dir {path}");
        }

        try
        {
            return DevelopmentAuthority.FromPem(File.ReadAllText(AuthorityPath), File.ReadAllText(AuthorityKeyPath));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{AuthorityPath}: {exception.Message}");
        }
    }

    /// <summary>Takes the place of an earlier one of the same name: who watches the files shows the new one.</summary>
    public void Issue(Subject subject, DateTimeOffset now, TimeSpan lifetime)
    {
        using var authority = Open();
        Write(authority.Issue(subject, now, lifetime), CertificatePath(subject.Kind, subject.Name), KeyPath(subject.Kind, subject.Name));
    }

    public void Revoke(string serial, DateTimeOffset now)
    {
        using var authority = Open();
        var before = File.Exists(RevocationsPath) ? File.ReadAllText(RevocationsPath) : null;
        Write(RevocationsPath, authority.Revoke(before, [serial], now), isSecret: false);
    }

    public RevocationList Revocations()
    {
        using var authority = Open();
        return RevocationList.ReadAll(File.ReadAllBytes(RevocationsPath), [X509CertificateLoader.LoadCertificate(authority.Certificate.RawData)])[0];
    }

    private void CreateDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void Write(Issued issued, string certificatePath, string keyPath)
    {
        Write(keyPath, issued.Key, isSecret: true);
        Write(certificatePath, issued.Certificate, isSecret: false);
    }

    /// <summary>Whole or not at all: somebody may be reading.</summary>
    private static void Write(string file, string text, bool isSecret)
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var next = file + ".new";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = isSecret ? Own : Own | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        }

        using (var stream = new StreamWriter(next, options))
        {
            stream.Write(text);
        }

        File.Move(next, file, overwrite: true);
    }
}
