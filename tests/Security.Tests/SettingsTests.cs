using Microsoft.Extensions.Configuration;
using Vallum.Credentials;
using Vallum.Security.Tests.Given;
using Vallum.Silo.Hosting;
using Vallum.Silo.Security;

namespace Vallum.Security.Tests;

/// <summary>What a silo does not start with.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Beyond_this_machine_clients_are_known_or_insecure_is_said()
    {
        var own = _files.Silo("s1");
        (string, string)[] tls = [("listen", "0.0.0.0:7400"), ("tls-certificate", own.Certificate), ("tls-key", own.Key)];

        Faults(tls).ShouldHaveSingleItem().ShouldContain("client-ca");
        Faults([.. tls, ("insecure", "true")]).ShouldBeEmpty();
        Faults([.. tls, ("client-ca", _files.Authority)]).ShouldBeEmpty();
        Faults(("listen", "127.0.0.1:7400")).ShouldBeEmpty();
    }

    [Fact]
    public void Beyond_this_machine_silos_show_certificates_or_insecure_is_said()
    {
        var (silo, user) = (_files.Silo("s1"), _files.Odd(Files.Of(PeerKind.User, "web"), TimeSpan.FromDays(-1), TimeSpan.FromDays(1), [Purpose.Server]));
        (string, string)[] open = [("cluster", "redis"), ("redis", "127.0.0.1:6379"), ("silo-listen", "10.0.0.5:7500"), ("client-ca", _files.Authority)];

        Faults([.. open, .. Tls(silo)]).ShouldBeEmpty();
        Faults([.. open, .. Tls(user)]).ShouldHaveSingleItem().ShouldContain("silo-tls-certificate");
        Faults([.. open, .. Tls(user), ("insecure", "true")]).ShouldBeEmpty();
        Faults([.. open, .. Tls(user), ("silo-tls-certificate", silo.Certificate), ("silo-tls-key", silo.Key), ("silo-tls-ca", _files.Authority)]).ShouldBeEmpty();

        static (string, string)[] Tls(CertificateFiles own) => [("tls-certificate", own.Certificate), ("tls-key", own.Key)];
    }

    [Fact]
    public void All_that_does_not_fit_together_is_told_at_once() =>
        Faults(
            ("client-ca", "/no/such/file"), ("access", "/no/such/access"), ("jwt-authority", "http://issuer.example"), ("jwt-keys", "/no/such/keys"), ("trust-domain", "A B"),
            ("silo-tls-key", "/no/such/key")).Count.ShouldBe(11);

    private static List<string> Faults(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder();
        configuration.AddSiloSettings(null, settings.Select(s => KeyValuePair.Create<string, string?>(s.Key, s.Value)));
        var built = configuration.Build();
        var options = built.GetSection(SiloOptions.Section).Get<SecurityOptions>() ?? new SecurityOptions();
        return [.. new SecurityOptionsCheck(built).Validate(null, options).Failures ?? []];
    }
}
