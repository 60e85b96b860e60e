using Grpc.Core;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;
using Reason = Vallum.Contracts.Api.V1.DirectionVerdict.Types.Reason;

namespace Vallum.Api.Tests;

public sealed class AnalysisTests(SharedSilo shared)
{
    private readonly Calls.Api _api = shared.Api;
    private readonly string _tenant = SharedSilo.NewName();

    [Fact]
    public async Task A_flow_is_explained_by_the_policy_and_rule_that_decide_it()
    {
        await ShopAsync();

        var allowed = await ExplainAsync(Endpoint("w"), Endpoint("d"), 5432);
        allowed.Allowed.ShouldBeTrue();
        allowed.Ingress.Reason.ShouldBe(Reason.Policy);
        (allowed.Ingress.Policy, allowed.Ingress.Tier, allowed.Ingress.Rule).ShouldBe(($"tenants/{_tenant}/policies/db", Tier.Tenant, "ingress-0"));
        allowed.Egress.Reason.ShouldBe(Reason.DefaultPosture);
        (allowed.Ingress.Node, allowed.Ingress.NodeConnected, allowed.Ingress.NodeInSync).ShouldBe(($"nodes/{_tenant}", false, false));

        var denied = await ExplainAsync(Endpoint("w"), Endpoint("d"), 22);
        denied.Allowed.ShouldBeFalse();
        denied.Ingress.Reason.ShouldBe(Reason.Isolated);
        denied.Ingress.Considered.Single(considered => considered.Policy == $"tenants/{_tenant}/policies/db").ShouldSatisfyAllConditions(
            considered => considered.Outcome.ShouldBe("NO_MATCH"),
            considered => considered.InForce.ShouldBeTrue(),
            considered => considered.Detail.ShouldNotBeEmpty());
    }

    [Fact]
    public async Task An_address_is_as_good_as_the_endpoint_that_has_it()
    {
        await ShopAsync();
        var byName = await ExplainAsync(Endpoint("w"), Endpoint("d"), 5432);

        var byAddress = await ExplainAsync(byName.SourceAddress, byName.DestinationAddress, 5432);
        foreach (var verdict in (DirectionVerdict[])[byName.Egress, byName.Ingress, byAddress.Egress, byAddress.Ingress])
        {
            // Other tests' policies of the operator come and go.
            verdict.Considered.Clear();
        }

        byAddress.ShouldBe(byName);
        var stranger = await ExplainAsync("203.0.113.9", Endpoint("d"), 5432);
        (stranger.Allowed, stranger.Egress.Reason).ShouldBe((false, Reason.Unmanaged));
    }

    [Fact]
    public async Task A_flow_between_tenants_is_judged_with_the_objects_of_both()
    {
        await ShopAsync();
        var other = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Shop(other));

        (await ExplainAsync($"tenants/{other}/endpoints/w", Endpoint("d"), 5432)).Allowed.ShouldBeFalse();
        (await ExplainAsync(Endpoint("d"), $"tenants/{other}/endpoints/w", 80)).Allowed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_staged_policy_decides_nothing_and_says_what_it_would()
    {
        var staged = Given.Policy(_tenant, "staged", "db", "5432", Given.From("db"));
        staged.Spec.Mode = PolicyMode.Staged;
        await _api.ApplyAsync([.. Given.Shop(_tenant), staged]);

        var answer = await ExplainAsync(Endpoint("w"), Endpoint("d"), 5432);

        answer.Allowed.ShouldBeTrue();
        answer.Ingress.Staged.Select(policy => policy.Policy).ShouldContain(staged.Name);
        answer.Ingress.Considered.Where(policy => policy.InForce).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_own_node_always_comes_in()
    {
        var node = SharedSilo.NewAddress();
        await ShopAsync();
        await _api.ApplyAsync(Given.Node(_tenant, node));

        var answer = await ExplainAsync(node, Endpoint("d"), 22);

        (answer.Allowed, answer.Ingress.Reason).ShouldBe((true, Reason.OwnNode));
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused_by_its_field()
    {
        await ShopAsync();
        await _api.ApplyAsync(new Endpoint { Name = Endpoint("bare"), Spec = new EndpointSpec { Segment = "web" } }, Given.Endpoint(_tenant, "six", address: "fd00::1"));

        await RefusedAsync(new() { Source = Endpoint("none"), Destination = Endpoint("d"), Port = 80 }, StatusCode.NotFound, "NOT_FOUND", null);
        await RefusedAsync(new() { Source = "what", Destination = Endpoint("d"), Port = 80 }, StatusCode.InvalidArgument, "INVALID_NAME", "source");
        await RefusedAsync(new() { Source = Endpoint("w"), Destination = "10.0.0", Port = 80 }, StatusCode.InvalidArgument, "INVALID_NAME", "destination");
        await RefusedAsync(new() { Source = Endpoint("w"), Destination = Endpoint("d") }, StatusCode.InvalidArgument, "INVALID_PORT", "port");
        await RefusedAsync(new() { Source = Endpoint("w"), Destination = Endpoint("d"), Port = 70000 }, StatusCode.InvalidArgument, "INVALID_PORT", "port");
        await RefusedAsync(new() { Source = Endpoint("w"), Destination = Endpoint("d"), Protocol = "smtp" }, StatusCode.InvalidArgument, "INVALID_PROTOCOL", "protocol");
        await RefusedAsync(
            new() { Source = Endpoint("w"), Destination = Endpoint("d"), Protocol = "icmp", IcmpType = 256 }, StatusCode.InvalidArgument, "INVALID_ICMP", "icmp_type");
        await RefusedAsync(new() { Source = Endpoint("w"), Destination = Endpoint("bare"), Port = 80 }, StatusCode.FailedPrecondition, "NO_ADDRESS", null);
        await RefusedAsync(new() { Source = Endpoint("w"), Destination = Endpoint("six"), Port = 80 }, StatusCode.FailedPrecondition, "NO_COMMON_FAMILY", null);
    }

    [Fact]
    public async Task The_matrix_shows_who_reaches_whom()
    {
        await ShopAsync();

        var answer = await _api.Analysis.GetReachabilityAsync(
            new GetReachabilityRequest { Parents = { $"tenants/{_tenant}" }, Port = 22 }, cancellationToken: Calls.Api.Cancelled);
        answer.Endpoints.ShouldBe([Endpoint("d"), Endpoint("w")]);
        answer.Rows.ShouldBe(["-.", "X-"]);

        var postgres = await _api.Analysis.GetReachabilityAsync(
            new GetReachabilityRequest { Parents = { $"tenants/{_tenant}" }, Port = 5432 }, cancellationToken: Calls.Api.Cancelled);
        postgres.Rows.ShouldBe(["-.", ".-"]);
    }

    [Fact]
    public async Task The_matrix_of_a_tenant_that_is_not_there_is_not_found()
    {
        var refusal = await Refusal.OfAsync(_api.Analysis.GetReachabilityAsync(
            new GetReachabilityRequest { Parents = { "tenants/none" }, Port = 80 }, cancellationToken: Calls.Api.Cancelled));

        refusal.Code.ShouldBe(StatusCode.NotFound);
    }

    /// <summary>Only the web segment reaches the database, on its port.</summary>
    private Task<ApplyResponse> ShopAsync() => _api.ApplyAsync([.. Given.Shop(_tenant, _tenant), Given.Policy(_tenant, "db", "db", "5432", Given.From("web"))]);

    private string Endpoint(string name) => $"tenants/{_tenant}/endpoints/{name}";

    private async Task<ExplainFlowResponse> ExplainAsync(string from, string to, int port) =>
        await _api.Analysis.ExplainFlowAsync(new ExplainFlowRequest { Source = from, Destination = to, Port = port }, cancellationToken: Calls.Api.Cancelled);

    private async Task RefusedAsync(ExplainFlowRequest request, StatusCode code, string reason, string? field)
    {
        var refusal = await Refusal.OfAsync(_api.Analysis.ExplainFlowAsync(request, cancellationToken: Calls.Api.Cancelled));
        (refusal.Code, refusal.Reason, refusal.Fields.SingleOrDefault()).ShouldBe((code, reason, field));
    }
}
