using System.Collections.Immutable;
using System.Net;
using Google.Rpc;
using Grpc.Core;
using Vallum.Contracts.Api.V1;
using Vallum.EndToEnd.Tests.Running;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using ApiService = Vallum.Contracts.Api.V1.Service;

namespace Vallum.EndToEnd.Tests.BadInput;

/// <summary>At each door: a clear error with the field's path, nothing changed, the processes unharmed.</summary>
[Collection(nameof(SmallCluster))]
public sealed class BadInputTests(SmallFixture fixture, ITestOutputHelper output) : ClusterTest(fixture), IAsyncLifetime
{
    private const int Junk = 10 * 1024 * 1024;

    private SortedDictionary<string, string> _before = [];
    private (long Shop, long Other, long Cluster) _revisions;
    private ImmutableArray<int> _processes = [];

    public async ValueTask InitializeAsync()
    {
        await SmallWorld.RestoreAsync(Cluster, Cancellation);
        await Cluster.Api.ApplyAsync(
            Documents.Read("other", """
                apiVersion: vallum.io/v1
                kind: Tenant
                metadata: {name: other}
                spec: {}
                ---
                apiVersion: vallum.io/v1
                kind: Segment
                metadata: {name: default, tenant: other}
                """),
            cancellationToken: Cancellation);
        _before = await Cluster.Api.EtagsAsync(Cancellation);
        _revisions = await RevisionsAsync();
        _processes = Processes();
    }

    /// <summary>After each test: everything as it was, the same processes, and packets go as before.</summary>
    public async ValueTask DisposeAsync()
    {
        (await Cluster.Api.EtagsAsync(Cancellation)).ShouldBe(_before);
        (await RevisionsAsync()).ShouldBe(_revisions);
        Processes().ShouldBe(_processes);
        await Cluster.WaitConnectedAsync(Cancellation);
        await Cluster.ShouldPassAsExpectedAsync([new(Lab.Permitted(), true), new(Lab.Forbidden(), false)], "afterwards", Cancellation);
    }

    public static IEnumerable<TheoryDataRow<string, string, string, string>> Bad => BadDocuments.Rows;

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Apply_by_the_command_names_file_field_and_reason(string what, string document, string field, string reason)
    {
        var file = await Cluster.WriteAsync("bad.yaml", document, Cancellation);

        var (exitCode, said) = await Cluster.VallumAsync(Cancellation, "apply", "-f", file);

        output.WriteLine(said);
        exitCode.ShouldBe(1, $"{what}: {said}");
        said.ShouldContain("bad.yaml:");
        said.ShouldContain(field);
        said.ShouldContain(reason);
        said.ShouldNotContain("   at ");
    }

    public static IEnumerable<TheoryDataRow<string, ApiObject, string, string>> BadMessages =>
    [
        Row("bad block", Policy(new Rule { Peers = { new Peer { IpBlock = new IpBlock { Cidr = "10.0.0.0/33" } } } }), "ingress[0].peers[0].ipBlock.cidr", "INVALID_CIDR"),
        Row(
            "except outside",
            Policy(new Rule { Peers = { new Peer { IpBlock = new IpBlock { Cidr = "10.1.0.0/16", Except = { "10.2.0.0/24" } } } } }),
            "ingress[0].peers[0].ipBlock.except[0]", "EXCEPT_OUTSIDE_CIDR"),
        Row("range backwards", Policy(new Rule { Services = { new ApiService { Protocol = "tcp", Ports = { "90-80" } } } }), "ingress[0].services[0].ports[0]", "INVALID_PORT_RANGE"),
        Row("unknown value", Policy(new Rule { Action = (RuleAction)77 }), "ingress[0].action", "UNKNOWN_ENUM_VALUE"),
        Row(
            "unknown segment",
            Policy(new Rule { Peers = { new Peer { Endpoints = new EndpointSelector { Segments = { "nowhere" } } } } }),
            "ingress[0].peers[0].endpoints.segments", "UNKNOWN_SEGMENT"),
        Row("address of another endpoint", Endpoint("shop"), "addresses[0]", "ADDRESS_IN_USE"),
        Row("address of another tenant's endpoint", Endpoint("other"), "addresses[0]", "ADDRESS_IN_USE"),
    ];

    [Theory]
    [MemberData(nameof(BadMessages), DisableDiscoveryEnumeration = true)]
    public async Task Apply_by_a_call_names_every_field_and_reason(string what, ApiObject message, string field, string reason)
    {
        var refused = await Should.ThrowAsync<RpcException>(() => Cluster.Api.ApplyAsync([message], cancellationToken: Cancellation));

        output.WriteLine($"{refused.Status}");
        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument, what);
        var status = refused.GetRpcStatus().ShouldNotBeNull();
        status.GetDetail<ErrorInfo>().Domain.ShouldBe("vallum");
        var violation = status.GetDetail<BadRequest>().FieldViolations.ShouldHaveSingleItem();
        violation.Field.ShouldBe($"objects[0].spec.{field}");
        violation.Reason.ShouldBe(reason);
        violation.Description.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task One_bad_object_among_good_ones_changes_nothing()
    {
        ApiObject good = new() { Segment = new Segment { Name = "tenants/other/segments/new" } };

        await Should.ThrowAsync<RpcException>(() => Cluster.Api.ApplyAsync([good, Endpoint("shop")], cancellationToken: Cancellation));
    }

    [Theory]
    [InlineData("standard input")]
    [InlineData("a file")]
    public async Task Ten_megabytes_of_junk_to_the_command_are_refused(string door)
    {
        var file = await Cluster.WriteAsync("junk.yaml", Convert.ToBase64String(JunkBytes()), Cancellation);

        var (exitCode, said) = await (door == "a file"
            ? Cluster.VallumAsync(Cancellation, "apply", "-f", file)
            : Cluster.RunAsync("sh", ["-c", $"'{Programs.Command}' apply -f - < '{file}'"], Cancellation));

        exitCode.ShouldBe(1, said);
        said.ShouldStartWith("error:");
        said.Length.ShouldBeLessThan(5000);
    }

    [Fact]
    public async Task Ten_megabytes_of_binary_junk_to_the_command_are_refused()
    {
        var file = await Cluster.WriteAsync("junk.yaml", "", Cancellation);
        await File.WriteAllBytesAsync(file, JunkBytes(), Cancellation);

        var (exitCode, said) = await Cluster.VallumAsync(Cancellation, "apply", "-f", file);

        exitCode.ShouldBe(1, said);
        said.ShouldStartWith("error:");
        said.Length.ShouldBeLessThan(5000);
    }

    [Theory]
    [InlineData("/vallum.api.v1.ResourceService/Apply", StatusCode.InvalidArgument)]
    [InlineData("/vallum.api.v1.PolicyService/CreatePolicy", StatusCode.ResourceExhausted)]
    [InlineData("/vallum.api.v1.NoService/NoMethod", StatusCode.Unimplemented)]
    public async Task Ten_megabytes_of_junk_in_a_call_are_refused(string method, StatusCode why)
    {
        var bytes = Marshallers.Create(value => value, value => value);
        var parts = method.Split('/');
        var junk = new Method<byte[], byte[]>(MethodType.Unary, parts[1], parts[2], bytes, bytes);

        var refused = await Should.ThrowAsync<RpcException>(async () =>
            await Cluster.Api.Channel.CreateCallInvoker().AsyncUnaryCall(junk, null, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(20)), JunkBytes()));

        output.WriteLine($"{refused.Status}");
        // What is larger than any such call is refused by its size, whether there is such a method or not.
        refused.StatusCode.ShouldBeOneOf(why, StatusCode.ResourceExhausted);
        refused.Status.Detail.ShouldNotContain("thrown by handler");
    }

    [Theory]
    [InlineData(7400)]
    [InlineData(7480)]
    public async Task Ten_megabytes_of_junk_on_a_port_end_that_connection_and_nothing_else(int port)
    {
        var to = new IPEndPoint(port == 7400 ? Lab.Control.V4 : IPAddress.Loopback, port);
        await using var connection = await Lab.OpenStreamAsync("control", to, Cancellation);
        try
        {
            await connection.WriteAsync(JunkBytes(), Cancellation);
            var answer = new byte[4096];
            while (await connection.ReadAsync(answer, Cancellation) > 0)
            {
                // Whatever it says, it then closes.
            }
        }
        catch (IOException)
        {
            // Closed before it had read all.
        }

        (await Cluster.Api.AdminAsync("/livez", Cancellation)).ShouldBe("Healthy");
    }

    [Fact]
    public async Task A_second_agent_with_the_name_of_a_node_is_refused_and_touches_nothing()
    {
        var rules = await Lab.RunAsync("n1", "iptables-save", [], cancellationToken: Cancellation);
        await using var second = Cluster.StartAgentOn("n1", Directory.CreateDirectory($"{Cluster.StateDirectoryOf("n1")}-second").FullName);

        var line = await second.WaitForLineAsync("refuses this agent", TimeSpan.FromSeconds(20), Cancellation);

        output.WriteLine(line);
        line.ShouldContain("n1");
        WithoutCounters(await Lab.RunAsync("n1", "iptables-save", [], cancellationToken: Cancellation)).ShouldBe(WithoutCounters(rules));
        (await second.StopAsync(TimeSpan.FromSeconds(5), Cancellation)).ShouldBe(0);
    }

    [Fact]
    public async Task A_second_agent_on_a_state_directory_ends_and_says_so()
    {
        await using var second = Cluster.StartAgentOn("n1", Cluster.StateDirectoryOf("n1"));

        (await second.WaitForExitAsync(TimeSpan.FromSeconds(10), Cancellation)).ShouldBe(1);
        second.Output.ShouldContain("another agent uses");
    }

    [Theory]
    [InlineData(2, "apply")]
    [InlineData(2, "no-such-command")]
    [InlineData(3, "get", "policies", "shop/nothing")]
    [InlineData(6, "get", "tenants", "--server", "http://172.31.0.1:9")]
    public async Task The_commands_exit_code_says_what_was_wrong(int wanted, params string[] arguments)
    {
        var (exitCode, said) = await Cluster.VallumAsync(Cancellation, [.. arguments]);

        exitCode.ShouldBe(wanted, said);
        said.ShouldContain("error");
    }

    private static byte[] JunkBytes()
    {
        var junk = new byte[Junk];
        new Random(7).NextBytes(junk);
        return junk;
    }

    private static TheoryDataRow<string, ApiObject, string, string> Row(string what, ApiObject message, string field, string reason) => new(what, message, field, reason);

    private static ApiObject Policy(Rule rule) => new()
    {
        Policy = new Policy
        {
            Name = "tenants/shop/policies/bad",
            Spec = new PolicySpec
            {
                Subject = { new PolicySubject { Selector = new LabelSelector() } },
                Directions = { Direction.Ingress },
                Ingress = { rule },
            },
        },
    };

    /// <summary>It claims the address of w1.</summary>
    private static ApiObject Endpoint(string tenant) => new()
    {
        Endpoint = new Endpoint { Name = $"tenants/{tenant}/endpoints/bad", Spec = new EndpointSpec { Addresses = { "10.101.0.10" } } },
    };

    private static string WithoutCounters(string rules) =>
        string.Join('\n', rules.Split('\n').Where(line => !line.StartsWith('#')).Select(line => line.StartsWith(':') ? line[..line.IndexOf('[', StringComparison.Ordinal)] : line));

    private async Task<(long Shop, long Other, long Cluster)> RevisionsAsync()
    {
        var shop = await Cluster.Api.Status.GetTenantStatusAsync(new GetTenantStatusRequest { Name = "tenants/shop" }, cancellationToken: Cancellation);
        var other = await Cluster.Api.Status.GetTenantStatusAsync(new GetTenantStatusRequest { Name = "tenants/other" }, cancellationToken: Cancellation);
        var cluster = await Cluster.Api.Status.GetClusterStatusAsync(new GetClusterStatusRequest(), cancellationToken: Cancellation);
        return (shop.Revision, other.Revision, cluster.Revision);
    }

    /// <summary>Those that still run.</summary>
    private ImmutableArray<int> Processes() =>
        [.. Cluster.Agents.Values.Append(Cluster.Silo).Where(process => !process.HasExited).Select(process => process.Id).Order()];
}
