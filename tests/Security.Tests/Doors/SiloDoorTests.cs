using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Vallum.Contracts.Api.V1;
using Vallum.Credentials;
using Vallum.Security.Tests.Given;
using Vallum.SiloHost;

namespace Vallum.Security.Tests.Doors;

/// <summary>Who may speak as a silo to a silo.</summary>
public sealed class SiloDoorTests(SiloDoor door) : IClassFixture<SiloDoor>
{
    private readonly Files _files = door.Files;
    private readonly Files _others = door.Others;
    private readonly TestSilo _silo = door.Silo;
    private readonly int _port = door.Port;

    [Fact]
    public async Task Silos_with_certificates_are_a_cluster_over_tls()
    {
        var own = _files.Silo("s2");
        var settings = new Dictionary<string, string?>
        {
            ["tls-certificate"] = own.Certificate,
            ["tls-key"] = own.Key,
            ["client-ca"] = _files.Authority,
            ["crl"] = _files.Crl,
        };
        await using var second = await _silo.JoinAsync(settings);
        using var admin = new Client(second.Address, _files.Authority, _files.User("root", "vallum:admin"));

        await Eventually.SucceedAsync(async () =>
            (await admin.Status.GetClusterStatusAsync(new GetClusterStatusRequest(), admin.Call)).Silos.Count(s => s.State == "ACTIVE").ShouldBe(2));
        foreach (var i in Enumerable.Range(0, 8))
        {
            await admin.Tenants.CreateTenantAsync(new CreateTenantRequest { Tenant = new Tenant { Name = $"tenants/t{i}" } }, admin.Call);
        }
    }

    [Theory]
    [InlineData("a user")]
    [InlineData("a node")]
    [InlineData("of another authority")]
    [InlineData("of another domain")]
    [InlineData("for servers only")]
    [InlineData("expired")]
    [InlineData("not yet valid")]
    [InlineData("revoked")]
    [InlineData("nobody")]
    public async Task Who_is_no_silo_is_cut_off_before_a_word(string who)
    {
        var day = TimeSpan.FromDays(1);
        var silo = Files.Of(PeerKind.Silo, "s9");
        string[] both = [Purpose.Client, Purpose.Server];
        var certificate = who switch
        {
            "a user" => _files.Odd(Files.Of(PeerKind.User, "root", "vallum:admin"), -day, day, [.. both]),
            "a node" => _files.Node("n1"),
            "of another authority" => _others.Issue(silo),
            "of another domain" => _files.Odd(silo, -day, day, [.. both], new Uri("spiffe://elsewhere/silo/s9")),
            "for servers only" => _files.Odd(silo, -day, day, [Purpose.Server]),
            "expired" => _files.Odd(silo, -2 * day, -day, [.. both]),
            "not yet valid" => _files.Odd(silo, day, 2 * day, [.. both]),
            "revoked" => _files.Issue(silo),
            _ => null,
        };
        if (who == "revoked")
        {
            _files.Revoke(certificate!);
        }

        await Eventually.SucceedAsync(async () => (await IsCutOffAsync(certificate)).ShouldBeTrue());
    }

    [Fact]
    public async Task A_silo_is_listened_to()
    {
        (await IsCutOffAsync(_files.Silo("s3"))).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_tls_a_silo_is_cut_off()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
        await socket.GetStream().WriteAsync(new byte[64], TestContext.Current.CancellationToken);

        await EndsAsync(socket.GetStream());
    }

    /// <summary>Under TLS 1.3 the client's handshake is done before the server has judged it: the answer is in what comes next.</summary>
    private async Task<bool> IsCutOffAsync(CertificateFiles? certificate)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(socket.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "vallum-silo",
                    ClientCertificateContext = certificate?.Load().Context,
                    RemoteCertificateValidationCallback = (_, shown, _, errors) => shown is not null && errors != SslPolicyErrors.None,
                },
                TestContext.Current.CancellationToken);
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            soon.CancelAfter(TimeSpan.FromMilliseconds(700));
            // Orleans sends its preamble only behind the other's; a connection that stays open and silent was let in.
            return await tls.ReadAsync(new byte[1], soon.Token) == 0;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task EndsAsync(Stream stream)
    {
        try
        {
            var buffer = new byte[1024];
            while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset is an end, too.
        }
    }
}
