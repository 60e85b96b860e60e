using System.Diagnostics;
using Vallum.Security.Tests.Given;
using Vallum.SiloHost;

namespace Vallum.Security.Tests.Doors;

/// <summary>A Redis that speaks TLS and asks for certificates, and silos that have the right ones or not.</summary>
public sealed class RedisDoorTests : IAsyncLifetime
{
    private const string Program = "/usr/bin/redis-server";

    private readonly Files _files = new();
    private readonly Files _others = new();
    private readonly int _port = SiloDoor.FreePort();
    private Process? _redis;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
        {
            return;
        }

        var own = _files.Silo("redis");
        _redis = Process.Start(new ProcessStartInfo(
            Program,
            [
                "--port", "0", "--tls-port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _files.FolderOf("redis"),
                "--tls-cert-file", own.Certificate, "--tls-key-file", own.Key, "--tls-ca-cert-file", _files.Authority, "--tls-auth-clients", "yes",
            ])
        { RedirectStandardOutput = true })!;
        while (await _redis.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("Ready to accept", StringComparison.Ordinal))
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            _redis.Kill();
            await _redis.WaitForExitAsync(CancellationToken.None);
            _redis.Dispose();
        }

        _files.Dispose();
        _others.Dispose();
    }

    [Fact]
    public async Task A_silo_that_shows_a_certificate_to_a_server_that_it_believes_starts()
    {
        Assert.SkipWhen(_redis is null, $"there is no {Program}");

        await using var silo = await StartAsync(_files.Authority, _files.User("silo"));

        silo.Address.ShouldStartWith("http://");
    }

    [Theory]
    [InlineData("no certificate")]
    [InlineData("another authority's")]
    [InlineData("another server")]
    public async Task A_silo_without_the_right_certificates_does_not_start(string fault)
    {
        Assert.SkipWhen(_redis is null, $"there is no {Program}");

        await Should.ThrowAsync<Exception>(async () =>
        {
            await using var silo = fault switch
            {
                "no certificate" => await StartAsync(_files.Authority, null),
                "another authority's" => await StartAsync(_files.Authority, _others.User("silo")),
                _ => await StartAsync(_others.Authority, _files.User("silo")),
            };
        });
    }

    private Task<TestSilo> StartAsync(string authority, CertificateFiles? own) => TestSilo.StartAsync(_files.FolderOf("data"), new Dictionary<string, string?>
    {
        ["cluster"] = "redis",
        ["redis"] = $"127.0.0.1:{_port},connectTimeout=1500,connectRetry=1",
        ["redis-tls-ca"] = authority,
        ["redis-tls-certificate"] = own?.Certificate ?? "",
        ["redis-tls-key"] = own?.Key ?? "",
    });
}
