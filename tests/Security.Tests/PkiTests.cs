using System.Security.Cryptography.X509Certificates;
using Vallum.Cli;
using Vallum.Credentials;
using Vallum.Security.Tests.Given;
using Vallum.SiloHost;

namespace Vallum.Security.Tests;

/// <summary>The procedure of docs/operations.md: an authority, a silo, an agent's and users' certificates, and one taken back.</summary>
public sealed class PkiTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vallum-pki-").FullName;

    private string Pki => Path.Combine(_folder, "pki");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task From_init_to_a_silo_that_knows_its_callers()
    {
        (await RunAsync("pki", "init", "--dir", Pki)).Output.ShouldContain("development only");
        await RunAsync("pki", "issue", "silo", "s1", "--dir", Pki);
        await RunAsync("pki", "issue", "user", "root", "--role", "admin", "--dir", Pki);
        await RunAsync("pki", "issue", "user", "ann", "--role", "editor", "--tenant", "shop", "--dir", Pki);
        await RunAsync("pki", "issue", "node", "n1", "--dir", Pki);
        Mode("ca-key.pem").ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Mode("user-root-key.pem").ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var settings = new Dictionary<string, string?>
        {
            ["tls-certificate"] = In("silo-s1.pem"),
            ["tls-key"] = In("silo-s1-key.pem"),
            ["client-ca"] = In("ca.pem"),
            ["crl"] = In("crl.pem"),
            ["credential-check"] = "00:00:00.100",
        };
        await using var silo = await TestSilo.StartAsync(Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName, settings);
        var tenant = Path.Combine(_folder, "tenant.yaml");
        await File.WriteAllTextAsync(tenant, "apiVersion: vallum.io/v1\nkind: Tenant\nmetadata: {name: shop}\n", TestContext.Current.CancellationToken);
        await RunAsync(["apply", "-f", tenant, .. As(silo, "user-root")]);
        (await RunAsync(["get", "tenants", .. As(silo, "user-ann")])).Output.ShouldContain("shop");
        (await RunAsync(5, ["apply", "-f", tenant, .. As(silo, "user-ann")])).Error.ShouldContain("operator or admin");
        (await RunAsync(5, ["get", "tenants", "--server", silo.Address, "--ca", In("ca.pem")])).Error.ShouldContain("--certificate");
        (await RunAsync(6, ["get", "tenants", "--server", silo.Address])).Error.ShouldContain("--ca");
        (await RunAsync(5, ["get", "tenants", .. As(silo, "node-n1")])).Error.ShouldContain("NOT_A_USER");

        await RunAsync("pki", "revoke", In("user-ann.pem"), "--dir", Pki);
        (await RunAsync("pki", "show", "--dir", Pki)).Output.ShouldContain("spiffe://vallum/user/ann");
        await Eventually.SucceedAsync(async () => (await RunAsync(5, ["get", "tenants", .. As(silo, "user-ann")])).Error.ShouldContain("CERTIFICATE_REVOKED"));
        await RunAsync(["get", "tenants", .. As(silo, "user-root")]);
    }

    [Fact]
    public async Task What_is_issued_says_who_and_for_what()
    {
        await RunAsync("pki", "init", "--dir", Pki, "--trust-domain", "lab");
        await RunAsync("pki", "issue", "silo", "s1", "--san", "silo.example", "--san", "10.0.0.5", "--dir", Pki);
        await RunAsync("pki", "issue", "user", "ann", "--role", "viewer", "--tenant", "a", "--tenant", "b", "--group", "team", "--dir", Pki);

        using var silo = X509CertificateLoader.LoadCertificateFromFile(In("silo-s1.pem"));
        using var ann = X509CertificateLoader.LoadCertificateFromFile(In("user-ann.pem"));
        CertificateNames.UrisOf(silo).ShouldHaveSingleItem().ShouldBe("spiffe://lab/silo/s1");
        silo.MatchesHostname("silo.example").ShouldBeTrue();
        silo.MatchesHostname("10.0.0.5").ShouldBeTrue();
        CertificateNames.OrganizationsOf(ann).Order().ShouldBe(["team", "vallum:viewer:a", "vallum:viewer:b"]);
        PeerTrust.Load(In("ca.pem"), In("crl.pem"), "lab").Judge(ann, [], Purpose.Client, DateTimeOffset.UtcNow).ShouldBeOfType<PeerJudgement.Known>();
    }

    [Fact]
    public async Task A_second_authority_is_not_made_over_the_first()
    {
        await RunAsync("pki", "init", "--dir", Pki);

        (await RunAsync(1, ["pki", "init", "--dir", Pki])).Error.ShouldContain("already");
        (await RunAsync(2, ["pki", "issue", "user", "x", "--role", "editor", "--dir", Pki])).Error.ShouldContain("--tenant");
        (await RunAsync(2, ["pki", "issue", "node", "N_1", "--dir", Pki])).Error.ShouldContain("lower case");
    }

    private string[] As(TestSilo silo, string who) =>
        ["--server", silo.Address, "--ca", In("ca.pem"), "--certificate", In($"{who}.pem"), "--key", In($"{who}-key.pem")];

    private string In(string file) => Path.Combine(Pki, file);

    private UnixFileMode Mode(string file) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(In(file));

    private static Task<(string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(0, arguments);

    private static async Task<(string Output, string Error)> RunAsync(int exitCode, string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        (await VallumCommand.RunAsync(arguments, output, error)).ShouldBe(exitCode, $"{string.Join(' ', arguments)}\n{output}{error}");
        return (output.ToString(), error.ToString());
    }
}
