using System.Diagnostics;
using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using Microsoft.Extensions.Options;
using Vallum.Cluster.Tests.Hosts;
using Vallum.Silo.Hosting;

namespace Vallum.Cluster.Tests;

public sealed class HostingTests(SharedSilo shared)
{
    [Theory]
    [InlineData("/livez", HttpStatusCode.OK)]
    [InlineData("/readyz", HttpStatusCode.OK)]
    [InlineData("/metrics", HttpStatusCode.OK)]
    [InlineData("/grpc.health.v1.Health/Check", HttpStatusCode.NotFound)]
    public async Task The_admin_listener_answers_for_health_and_metrics_only(string path, HttpStatusCode status)
    {
        using var client = new HttpClient();

        (await client.GetAsync(new Uri(shared.Silo.Addresses[1] + path), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task The_grpc_listener_does_not_show_metrics()
    {
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        (await client.GetAsync(new Uri(shared.Silo.Addresses[0] + "/metrics"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Commits_are_counted()
    {
        var tenant = SharedSilo.NewTenant();
        await shared.Silo.Tenant(tenant).Apply(Make.Batch(Make.Tenant(tenant)));
        using var client = new HttpClient();

        (await client.GetStringAsync(new Uri(shared.Silo.Addresses[1] + "/metrics"), TestContext.Current.CancellationToken)).ShouldContain("vallum_tenant_commits_total");
    }

    [Fact]
    public async Task Health_and_reflection_are_served_by_grpc()
    {
        using var channel = GrpcChannel.ForAddress(shared.Silo.Addresses[0]);

        (await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest())).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        await call.RequestStream.CompleteAsync();
        (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).ShouldBeTrue();
        call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ShouldContain("grpc.health.v1.Health");
    }

    [Fact]
    public async Task A_silo_with_an_open_stream_stops_within_five_seconds()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await silo.Tenant("shop").Apply(Make.Batch(Make.Shop("shop", 1)));
        using var channel = GrpcChannel.ForAddress(silo.Addresses[0]);
        // Reflection waits for the next question for as long as the client likes.
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        var parked = silo.Tenant("shop").Feed(new Objects.FeedRequest(1, TimeSpan.FromSeconds(10)));

        var start = Stopwatch.GetTimestamp();
        await silo.StopAsync();

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        (await parked).Events.ShouldBeEmpty();
        await Should.ThrowAsync<RpcException>(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("127.0.0.1:7400", true)]
    [InlineData("[::1]:7400", true)]
    [InlineData("localhost:0", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("here:7400", false)]
    [InlineData("127.0.0.1:70000", false)]
    public void An_address_to_listen_on_has_a_port(string text, bool valid) => SiloOptions.TryParseListen(text, out _).ShouldBe(valid);

    [Fact]
    public void All_wrong_settings_are_told_at_once()
    {
        var options = new SiloOptions { Data = "", Listen = "0.0.0.0:7400", AdminListen = "nowhere", TlsKey = "/no/such/key", SiloListen = "127.0.0.1", MaxConnections = 1 };

        var result = new SiloOptionsCheck().Validate(null, options);

        result.Failures.ShouldNotBeNull().Count().ShouldBe(7);
    }

    [Fact]
    public void Listening_beyond_this_machine_without_tls_must_be_asked_for()
    {
        Check(new SiloOptions { Listen = "0.0.0.0:7400" }).Failed.ShouldBeTrue();
        Check(new SiloOptions { Listen = "0.0.0.0:7400", Insecure = true }).Succeeded.ShouldBeTrue();
        Check(new SiloOptions { AdminListen = "[::]:7480" }).Failed.ShouldBeTrue();

        static ValidateOptionsResult Check(SiloOptions options) => new SiloOptionsCheck().Validate(null, options);
    }
}
