using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Vallum.Credentials;
using Vallum.Security.Tests.Given;

namespace Vallum.Security.Tests.Doors;

/// <summary>Who is let in to the orchestrators' API.</summary>
public sealed class ApiDoorTests(SecureSilo silo)
{
    [Theory]
    [InlineData("none", "NO_CREDENTIALS")]
    [InlineData("other authority", "CERTIFICATE_UNTRUSTED")]
    [InlineData("expired", "CERTIFICATE_EXPIRED")]
    [InlineData("not yet valid", "CERTIFICATE_NOT_YET_VALID")]
    [InlineData("for servers", "CERTIFICATE_USAGE")]
    [InlineData("other domain", "CERTIFICATE_IDENTITY")]
    [InlineData("names nobody", "CERTIFICATE_IDENTITY")]
    [InlineData("revoked", "CERTIFICATE_REVOKED")]
    public async Task Whoever_cannot_be_known_is_told_why(string fault, string reason)
    {
        var certificate = silo.Wrong(fault, PeerKind.User, "mallory");

        await Eventually.SucceedAsync(async () =>
        {
            using var client = silo.As(certificate);
            var refusal = await Refusal.OfAsync(client.VersionAsync);
            refusal.Code.ShouldBe(StatusCode.Unauthenticated);
            refusal.Reason.ShouldBe(reason);
        });
    }

    [Theory]
    [InlineData(PeerKind.Node)]
    [InlineData(PeerKind.Silo)]
    public async Task A_node_and_a_silo_are_no_users(PeerKind kind)
    {
        using var client = silo.As(silo.Files.Issue(Files.Of(kind, "n1", "vallum:admin")));

        var refusal = await Refusal.OfAsync(client.VersionAsync);

        refusal.Code.ShouldBe(StatusCode.PermissionDenied);
        refusal.Reason.ShouldBe("NOT_A_USER");
    }

    [Fact]
    public async Task Health_is_told_to_everybody_and_the_services_only_to_the_known()
    {
        using var nobody = silo.As(null);
        using var somebody = silo.Of("vallum:viewer:shop");

        (await new Health.HealthClient(nobody.Channel).CheckAsync(new HealthCheckRequest(), nobody.Call)).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
        (await Refusal.OfAsync(() => ListServicesAsync(nobody))).Code.ShouldBe(StatusCode.Unauthenticated);
        await ListServicesAsync(somebody);
    }

    [Fact]
    public async Task Without_tls_nothing_is_answered()
    {
        using var client = new Client(silo.Address.Replace("https", "http", StringComparison.Ordinal), silo.Files.Authority);

        await Should.ThrowAsync<RpcException>(client.VersionAsync);
    }

    [Fact]
    public async Task The_admin_listener_has_no_api_and_takes_no_certificate_for_one()
    {
        using var client = new HttpClient { BaseAddress = silo.Silo.AdminAddress };

        (await client.PostAsync(new Uri("/vallum.api.v1.StatusService/GetVersion", UriKind.Relative), null, TestContext.Current.CancellationToken)).StatusCode
            .ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    private static async Task ListServicesAsync(Client client)
    {
        using var call = new ServerReflection.ServerReflectionClient(client.Channel).ServerReflectionInfo(client.Call);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).ShouldBeTrue();
    }
}
