using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Vallum.Contracts.Api.V1;
using Vallum.Security.Tests.Given;
using Vallum.SiloHost;

namespace Vallum.Security.Tests;

/// <summary>Files that change are in force within moments, and broken ones never are.</summary>
public sealed class ReloadTests : IAsyncLifetime
{
    private readonly Files _files = new();
    private CertificateFiles _own = null!;
    private string _access = "";
    private TestSilo _silo = null!;

    public async ValueTask InitializeAsync()
    {
        _own = _files.Silo("s1");
        _access = _files.Write("access.json", """{"bindings": []}""");
        _silo = await SecureSilo.StartAsync(_files, _files.FolderOf("data"), _own, ("access", _access));
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task A_new_certificate_is_shown_to_new_connections_and_a_broken_one_is_not()
    {
        var before = await ShownAsync();
        var next = _files.Silo("s1");

        File.WriteAllText(_own.Certificate, "not yet written");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        (await ShownAsync()).ShouldBe(before);

        File.Copy(next.Key, _own.Key, overwrite: true);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        (await ShownAsync()).ShouldBe(before);

        File.Copy(next.Certificate, _own.Certificate, overwrite: true);
        await Eventually.SucceedAsync(async () => (await ShownAsync()).ShouldNotBe(before));
    }

    [Fact]
    public async Task A_new_authority_is_believed_and_the_old_one_no_more()
    {
        using var others = new Files();
        var (old, other) = (_files.User("ann", "vallum:viewer"), others.User("bob", "vallum:viewer"));
        await VersionAsync(old);

        _files.Write("crl.pem", File.ReadAllText(others.Crl));
        _files.Write("ca.pem", File.ReadAllText(others.Authority));

        await Eventually.SucceedAsync(() => VersionAsync(other));
        (await Refusal.OfAsync(() => VersionAsync(old))).Reason.ShouldBe("CERTIFICATE_UNTRUSTED");

        async Task VersionAsync(CertificateFiles certificate)
        {
            using var client = new Client(_silo.Address, Kept(), certificate);
            await client.VersionAsync();
        }

        string Kept() => _files.Write("kept-ca.pem", _files.Issuer.Export().Certificate);
    }

    [Fact]
    public async Task A_list_that_nobody_signed_is_not_taken_and_what_was_revoked_stays_so()
    {
        var certificate = _files.User("ann", "vallum:viewer");
        using var client = new Client(_silo.Address, _files.Authority, certificate);
        await client.VersionAsync();
        _files.Revoke(certificate);
        await Eventually.SucceedAsync(async () => (await Refusal.OfAsync(client.VersionAsync)).Reason.ShouldBe("CERTIFICATE_REVOKED"));

        using var others = new Files();
        _files.Write("crl.pem", File.ReadAllText(others.Crl));
        await Task.Delay(300, TestContext.Current.CancellationToken);

        (await Refusal.OfAsync(client.VersionAsync)).Reason.ShouldBe("CERTIFICATE_REVOKED");
    }

    [Fact]
    public async Task Roles_come_with_the_access_file()
    {
        using var ann = new Client(_silo.Address, _files.Authority, _files.User("ann"));
        (await Refusal.OfAsync(ListAsync)).Reason.ShouldBe("ROLE_MISSING");

        _files.Write("access.json", """{"bindings": [{"role": "viewer", "users": ["user:ann"]}]}""");
        await Eventually.SucceedAsync(ListAsync);

        _files.Write("access.json", """{"bindings": [{"role": "viewer", "users": ["ann"]}]}""");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        await ListAsync();

        async Task ListAsync() => await ann.Tenants.ListTenantsAsync(new ListRequest(), ann.Call);
    }

    /// <summary>The serial number of what the silo shows.</summary>
    private async Task<string> ShownAsync()
    {
        var address = new Uri(_silo.Address);
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, TestContext.Current.CancellationToken);
        var serial = "";
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, shown, _, _) => (serial = shown?.GetSerialNumberString() ?? "").Length > 0,
            },
            TestContext.Current.CancellationToken);
        return serial;
    }
}
