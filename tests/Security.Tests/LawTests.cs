using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Vallum.Contracts.Api.V1;
using Vallum.Security.Tests.Given;
using Vallum.Silo.Security.Access;

namespace Vallum.Security.Tests;

public sealed class LawTests(SecureSilo silo)
{
    /// <summary>By what the silo really answers to, not by what somebody lists.</summary>
    [Fact]
    public void Every_method_that_the_silo_answers_has_a_rule()
    {
        var answered = silo.Silo.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName).OfType<string>().Distinct().ToList();
        var rules = new MethodRules();

        answered.Count.ShouldBeGreaterThan(30);
        answered.Where(method => rules.Find(method) is null).ShouldBeEmpty();
    }

    [Fact]
    public void Every_method_of_the_api_is_for_users_and_every_rule_is_of_a_method()
    {
        var rules = new MethodRules();
        FileDescriptor[] files =
        [
            InventoryReflection.Descriptor, ResourcesReflection.Descriptor, AnalysisReflection.Descriptor, StatusReflection.Descriptor,
            TrafficReflection.Descriptor, HistoryReflection.Descriptor,
        ];
        var methods = files.SelectMany(file => file.Services).SelectMany(service => service.Methods.Select(method => MethodRules.PathOf(service, method.Name))).ToList();

        methods.Where(method => rules.Find(method)?.Audience != Audience.Users).ShouldBeEmpty();
        rules.Methods.Where(method => method.StartsWith("/vallum.api.", StringComparison.Ordinal)).Except(methods).ShouldBeEmpty();
    }

    /// <summary>A rule that demands nothing of a request that names something would let everybody in.</summary>
    [Fact]
    public void Every_rule_demands_something_of_a_request_that_names_another_tenants_things()
    {
        var nobody = new Rights([new Grant(Role.Editor, "shop")]);
        var rules = new MethodRules();
        (string Method, object Request)[] foreign =
        [
            ("TenantService/GetTenant", new GetRequest { Name = "tenants/bank" }),
            ("EndpointService/GetEndpoint", new GetRequest { Name = "tenants/bank/endpoints/web-1" }),
            ("EndpointService/ListEndpoints", new ListRequest { Parent = "tenants/bank" }),
            ("PolicyService/ListPolicies", new ListRequest()),
            ("NodeService/GetNode", new GetRequest { Name = "nodes/n1" }),
            ("NodeService/ListNodes", new ListRequest()),
            ("SegmentService/CreateSegment", new CreateSegmentRequest { Segment = new Segment { Name = "tenants/bank/segments/x" } }),
            ("PolicyService/UpdatePolicy", new UpdatePolicyRequest { Policy = new Policy { Name = "policies/x" } }),
            ("PolicyService/DeletePolicy", new DeleteRequest { Name = "tenants/bank/policies/x" }),
            ("TenantService/DeleteTenant", new DeleteRequest { Name = "tenants/shop", Force = true }),
            ("ResourceService/Apply", new ApplyRequest { Deletes = { "tenants/bank" } }),
            ("ResourceService/Watch", new WatchRequest { Parent = "tenants/bank" }),
            ("ResourceService/Watch", new WatchRequest()),
            ("AnalysisService/ExplainFlow", new ExplainFlowRequest { Source = "tenants/shop/endpoints/web-1", Destination = "tenants/bank/endpoints/web-1" }),
            ("AnalysisService/ExplainFlow", new ExplainFlowRequest { Source = "nodes/n1", Destination = "10.1.0.1" }),
            ("AnalysisService/GetReachability", new GetReachabilityRequest { Parents = { "tenants/shop", "tenants/bank" } }),
            ("StatusService/GetClusterStatus", new GetClusterStatusRequest()),
            ("StatusService/GetTenantStatus", new GetTenantStatusRequest { Name = "tenants/bank" }),
            ("StatusService/WaitRealized", new WaitRealizedRequest { Names = { "tenants/bank/policies/x" } }),
            ("StatusService/WaitRealized", new WaitRealizedRequest { Revisions = { [""] = 1 } }),
            ("TrafficService/GetTop", new GetTopRequest { View = TopView.Policies, Tenant = "tenants/bank" }),
            ("TrafficService/GetTop", new GetTopRequest { View = TopView.Nodes }),
            ("TrafficService/WatchTop", new WatchTopRequest { Top = new GetTopRequest { View = TopView.Nodes } }),
            ("TrafficService/ListFlows", new ListFlowsRequest { Filter = new FlowFilter { Tenant = "tenants/bank" } }),
            ("TrafficService/WatchFlows", new WatchFlowsRequest { Filter = new FlowFilter { Party = "tenants/bank/endpoints/web-1" } }),
        ];

        foreach (var (method, request) in foreign)
        {
            rules.Find($"/vallum.api.v1.{method}")!.Demands(request).Any(demand => !demand.IsMet(nobody)).ShouldBeTrue(method);
            rules.Find($"/vallum.api.v1.{method}")!.Demands(request).ShouldAllBe(demand => demand.IsMet(Rights.All), method);
        }
    }
}
