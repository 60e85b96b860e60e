using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;
using Metadata = Grpc.Core.Metadata;

namespace Vallum.Api.Tests;

/// <summary>What comes to the door before any method sees it.</summary>
public sealed class DoorTests(SharedSilo shared)
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(bytes => bytes, bytes => bytes);
    private readonly Calls.Api _api = shared.Api;

    [Fact]
    public async Task Every_service_is_shown_by_reflection()
    {
        using var call = new ServerReflection.ServerReflectionClient(shared.Silo.Channel).ServerReflectionInfo(cancellationToken: Calls.Api.Cancelled);
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, Calls.Api.Cancelled);
        await call.RequestStream.CompleteAsync();
        (await call.ResponseStream.MoveNext(Calls.Api.Cancelled)).ShouldBeTrue();

        var services = call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToList();

        string[] expected = ["Tenant", "Segment", "Endpoint", "Node", "NetworkSet", "Policy", "Resource", "Analysis", "Status", "Traffic", "History"];
        services.ShouldBeSubsetOf([.. expected.Select(name => $"vallum.api.v1.{name}Service"), "vallum.agent.v1.AgentService", .. services.Where(s => s.StartsWith("grpc.", StringComparison.Ordinal))]);
        expected.ShouldAllBe(name => services.Contains($"vallum.api.v1.{name}Service"));
    }

    [Fact]
    public async Task The_silo_is_healthy_and_ready_and_tells_its_version()
    {
        (await new Health.HealthClient(shared.Silo.Channel).CheckAsync(new HealthCheckRequest(), cancellationToken: Calls.Api.Cancelled)).Status
            .ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
        using var client = new HttpClient { BaseAddress = shared.Silo.AdminAddress };
        foreach (var path in (string[])["livez", "readyz", "metrics"])
        {
            (await client.GetAsync(new Uri(path, UriKind.Relative), Calls.Api.Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await _api.Status.GetVersionAsync(new GetVersionRequest(), cancellationToken: Calls.Api.Cancelled)).Version.ShouldMatch(@"^\d+\.\d+\.\d+");
        var cluster = await _api.Status.GetClusterStatusAsync(new GetClusterStatusRequest(), cancellationToken: Calls.Api.Cancelled);
        cluster.Silos.ShouldHaveSingleItem().State.ShouldBe("ACTIVE");
    }

    [Fact]
    public async Task Junk_is_refused_and_the_silo_goes_on()
    {
        var junk = new byte[10 << 20];
        new Random(7).NextBytes(junk);

        (await SendAsync("ResourceService", "Apply", junk)).ShouldBe((StatusCode.InvalidArgument, "MALFORMED_MESSAGE"));
        (await SendAsync("PolicyService", "CreatePolicy", junk[..1000])).ShouldBe((StatusCode.InvalidArgument, "MALFORMED_MESSAGE"));
        (await SendAsync("PolicyService", "NoSuchMethod", [])).ShouldBe((StatusCode.Unimplemented, "UNIMPLEMENTED"));

        await _api.Status.GetVersionAsync(new GetVersionRequest(), cancellationToken: Calls.Api.Cancelled);
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_refused()
    {
        (await SendAsync("ResourceService", "Apply", new byte[(64 << 20) + 1])).ShouldBe((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"));
        (await SendAsync("PolicyService", "CreatePolicy", new byte[(4 << 20) + 1])).ShouldBe((StatusCode.ResourceExhausted, "MESSAGE_TOO_LARGE"));
    }

    /// <summary>gRPC unpacks a kilobyte to a gigabyte, and asks nobody.</summary>
    [Fact]
    public async Task A_packed_message_is_refused()
    {
        var packed = new CallOptions(new Metadata { { "grpc-internal-encoding-request", "gzip" } }, cancellationToken: Calls.Api.Cancelled);

        var refusal = await Refusal.OfAsync(_api.Resources.ApplyAsync(Given.Apply(Given.Tenant(SharedSilo.NewName())), packed));

        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.Unimplemented, "UNIMPLEMENTED"));
        refusal.Message.ShouldContain("gzip");
    }

    [Fact]
    public async Task More_than_a_tenant_commits_at_once_is_refused_and_changes_nothing()
    {
        var tenant = SharedSilo.NewName();
        var request = Given.Apply(Given.Tenant(tenant));
        request.Objects.Add(Enumerable.Range(0, 60_000).Select(i => new Contracts.Api.V1.Object { Segment = Given.Segment(tenant, $"s{i}") }));

        var refusal = await Refusal.OfAsync(_api.Resources.ApplyAsync(request, cancellationToken: Calls.Api.Cancelled));

        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.InvalidArgument, "BATCH_TOO_LARGE"));
        (await Refusal.OfAsync(() => _api.GetAsync("Tenant", $"tenants/{tenant}"))).Code.ShouldBe(StatusCode.NotFound);
    }

    private async Task<(StatusCode Code, string Reason)> SendAsync(string service, string name, byte[] message)
    {
        var method = new Method<byte[], byte[]>(MethodType.Unary, $"vallum.api.v1.{service}", name, Bytes, Bytes);
        var refusal = await Refusal.OfAsync(
            shared.Silo.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Calls.Api.Cancelled), message));
        return (refusal.Code, refusal.Reason);
    }
}
