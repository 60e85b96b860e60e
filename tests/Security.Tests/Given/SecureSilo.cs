using Vallum.Contracts.Api.V1;
using Vallum.Credentials;
using Vallum.Security.Tests.Given;
using Vallum.SiloHost;
using Item = Vallum.Contracts.Api.V1.Object;

[assembly: AssemblyFixture(typeof(SecureSilo))]

namespace Vallum.Security.Tests.Given;

/// <summary>A silo that knows its callers by certificates and tokens, with two tenants in it.</summary>
public sealed class SecureSilo : IAsyncLifetime
{
    private Files? _others;

    public Files Files { get; } = new();

    /// <summary>Another authority, which nobody here believes.</summary>
    public Files Others => _others ??= new Files();

    public TokenIssuer Tokens { get; } = new();

    public TestSilo Silo { get; private set; } = null!;

    public string Address => Silo.Address;

    public static async Task<TestSilo> StartAsync(Files files, string folder, CertificateFiles own, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["tls-certificate"] = own.Certificate,
            ["tls-key"] = own.Key,
            ["client-ca"] = files.Authority,
            ["crl"] = files.Crl,
            ["credential-check"] = "00:00:00.100",
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return await TestSilo.StartAsync(folder, settings);
    }

    public async ValueTask InitializeAsync()
    {
        var access = Files.Write("access.json", """{"bindings": [{"role": "editor", "tenants": ["shop"], "users": ["user:ann", "token:ci"], "groups": ["shop-team"]}]}""");
        Silo = await StartAsync(
            Files,
            Directory.CreateTempSubdirectory("vallum-silo-").FullName,
            Files.Silo("s1"),
            ("access", access),
            ("jwt-keys", Files.Write("keys.json", Tokens.KeySet())),
            ("jwt-issuer", TokenIssuer.Issuer),
            ("jwt-audience", TokenIssuer.Audience));
        using var admin = Admin();
        var apply = new ApplyRequest();
        foreach (var tenant in (string[])["shop", "bank"])
        {
            apply.Objects.Add(new Item { Tenant = new Tenant { Name = $"tenants/{tenant}" } });
            apply.Objects.Add(new Item { Segment = new Segment { Name = $"tenants/{tenant}/segments/web" } });
            apply.Objects.Add(new Item
            {
                Endpoint = new Endpoint
                {
                    Name = $"tenants/{tenant}/endpoints/web-1",
                    Spec = new EndpointSpec { Segment = "web", Node = "n1", Addresses = { tenant == "shop" ? "10.1.0.1" : "10.2.0.1" } },
                },
            });
        }

        apply.Objects.Add(new Item { Node = new Node { Name = "nodes/n1", Spec = new NodeSpec { Addresses = { "10.9.0.1" } } } });
        await admin.Resources.ApplyAsync(apply, admin.Call);
    }

    public Client Admin() => As(Files.User("root", "vallum:admin"));

    public Client As(CertificateFiles? certificate, string? token = null) => new(Address, Files.Authority, certificate, token);

    /// <summary>A user of a built-in group.</summary>
    public Client Of(string group) => As(Files.User("somebody", group));

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        Files.Dispose();
        _others?.Dispose();
        Tokens.Dispose();
    }

    /// <summary>What nobody should be let in with.</summary>
    public CertificateFiles? Wrong(string fault, PeerKind kind, string name)
    {
        var subject = Files.Of(kind, name, "vallum:admin");
        var (day, never) = (TimeSpan.FromDays(1), (Uri?)null);
        switch (fault)
        {
            case "none":
                return null;
            case "other authority":
                return Others.Issue(subject);
            case "expired":
                return Files.Odd(subject, -2 * day, -day, [Purpose.Client, Purpose.Server], never);
            case "not yet valid":
                return Files.Odd(subject, day, 2 * day, [Purpose.Client, Purpose.Server], never);
            case "for servers":
                return Files.Odd(subject, -day, day, [Purpose.Server], never);
            case "for clients":
                return Files.Odd(subject, -day, day, [Purpose.Client], never);
            case "other domain":
                return Files.Odd(subject, -day, day, [Purpose.Client, Purpose.Server], new Uri($"spiffe://elsewhere/{PeerIdentity.WordOf(kind)}/{name}"));
            case "names nobody":
                return Files.Odd(subject, -day, day, [Purpose.Client, Purpose.Server], new Uri("https://example.test/"));
            case "revoked":
                var revoked = Files.Issue(subject);
                Files.Revoke(revoked);
                return revoked;
            default:
                throw new ArgumentException(fault, nameof(fault));
        }
    }
}
