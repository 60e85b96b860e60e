using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Credentials;
using Vallum.NodeAgent;
using Vallum.NodeAgent.Connection;
using Vallum.Security.Tests.Given;

namespace Vallum.Security.Tests;

/// <summary>What an agent shows and believes follows its files, one connection after the other, and broken files never.</summary>
public sealed class AgentCredentialsTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void The_next_connection_shows_the_certificate_that_is_there_then_and_never_a_broken_one()
    {
        var own = _files.Node("n1");
        var credentials = Of(own);
        ShownBy(credentials).ShouldBe(SerialOf(own));

        var next = _files.Node("n1");
        File.Copy(next.Key, own.Key, overwrite: true);
        ShownBy(credentials).ShouldNotBe(SerialOf(next));
        File.Copy(next.Certificate, own.Certificate, overwrite: true);
        ShownBy(credentials).ShouldBe(SerialOf(next));

        File.WriteAllText(own.Certificate, "half writ");
        ShownBy(credentials).ShouldBe(SerialOf(next));
    }

    [Fact]
    public void The_next_connection_believes_the_authorities_that_are_there_then()
    {
        using var others = new Files();
        var (silo, other) = (_files.Silo("s1"), others.Silo("s1"));
        var credentials = Of(_files.Node("n1"));
        Believes(credentials, silo).ShouldBeTrue();
        Believes(credentials, other).ShouldBeFalse();

        _files.Write("ca.pem", File.ReadAllText(others.Authority));

        Believes(credentials, other).ShouldBeTrue();
        Believes(credentials, silo).ShouldBeFalse();
    }

    private AgentCredentials Of(CertificateFiles own) => AgentCredentials.Of(
        new AgentOptions
        {
            Node = "n1",
            Servers = ImmutableArray<Uri>.Empty,
            StateDirectory = _files.FolderOf("state"),
            Tls = (own.Certificate, own.Key),
            TlsAuthorities = _files.Authority,
        },
        NullLogger.Instance)!;

    private static string SerialOf(CertificateFiles files)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(files.Certificate);
        return CertificateNames.SerialOf(certificate);
    }

    private static string ShownBy(AgentCredentials credentials) => CertificateNames.SerialOf(credentials.Read().ClientCertificateContext!.TargetCertificate);

    private static bool Believes(AgentCredentials credentials, CertificateFiles silo)
    {
        using var shown = X509CertificateLoader.LoadCertificateFromFile(silo.Certificate);
        using var chain = new X509Chain { ChainPolicy = credentials.Read().CertificateChainPolicy! };
        return chain.Build(shown);
    }
}
