using Google.Protobuf;
using Google.Protobuf.Collections;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Vallum.Silo.Security.Access;

/// <summary>What each method of the orchestrators' API demands.</summary>
internal static class ApiRules
{
    private const string AllTenants = "tenants/-";

    public static IEnumerable<KeyValuePair<string, MethodRule>> All() =>
    [
        .. Standard<CreateTenantRequest, UpdateTenantRequest>(TenantService.Descriptor, "Tenant", "Tenants", "tenant", r => r.Tenant?.Name, r => r.Tenant?.Name),
        .. Standard<CreateSegmentRequest, UpdateSegmentRequest>(SegmentService.Descriptor, "Segment", "Segments", "segment", r => r.Segment?.Name, r => r.Segment?.Name),
        .. Standard<CreateEndpointRequest, UpdateEndpointRequest>(EndpointService.Descriptor, "Endpoint", "Endpoints", "endpoint", r => r.Endpoint?.Name, r => r.Endpoint?.Name),
        .. Standard<CreateNodeRequest, UpdateNodeRequest>(NodeService.Descriptor, "Node", "Nodes", "node", r => r.Node?.Name, r => r.Node?.Name),
        .. Standard<CreateNetworkSetRequest, UpdateNetworkSetRequest>(
            NetworkSetService.Descriptor, "NetworkSet", "NetworkSets", "networkSet", r => r.NetworkSet?.Name, r => r.NetworkSet?.Name),
        .. Standard<CreatePolicyRequest, UpdatePolicyRequest>(PolicyService.Descriptor, "Policy", "Policies", "policy", r => r.Policy?.Name, r => r.Policy?.Name),
        For<ApplyRequest>(ResourceService.Descriptor, "Apply", Apply),
        For<WatchRequest>(ResourceService.Descriptor, "Watch", r => r.Parent.Length == 0 ? [new Demand.Read(null, "parent")] : Read(r.Parent, "parent")),
        For<ListHistoryRequest>(HistoryService.Descriptor, "ListHistory", r => r.Parent.Length == 0 ? [new Demand.Read(null, "parent")] : Read(r.Parent, "parent")),
        For<RollbackRequest>(HistoryService.Descriptor, "Rollback", r => Change(r.Name, "name")),
        For<ExplainFlowRequest>(AnalysisService.Descriptor, "ExplainFlow", r => [new Demand.ReadSome(), .. Read(r.Source, "source"), .. Read(r.Destination, "destination")]),
        For<GetReachabilityRequest>(AnalysisService.Descriptor, "GetReachability", r => ReadEach(r.Parents, "parents")),
        For<GetVersionRequest>(StatusService.Descriptor, "GetVersion", _ => []),
        For<GetClusterStatusRequest>(StatusService.Descriptor, "GetClusterStatus", _ => [new Demand.Read(null, "")]),
        For<GetTenantStatusRequest>(StatusService.Descriptor, "GetTenantStatus", r => Read(r.Name, "name")),
        For<WaitRealizedRequest>(StatusService.Descriptor, "WaitRealized", WaitRealized),
        For<GetTopRequest>(TrafficService.Descriptor, "GetTop", r => Top(r, "")),
        For<WatchTopRequest>(TrafficService.Descriptor, "WatchTop", r => Top(r.Top ?? new GetTopRequest(), "top.")),
        For<ListFlowsRequest>(TrafficService.Descriptor, "ListFlows", r => Flows(r.Filter)),
        For<WatchFlowsRequest>(TrafficService.Descriptor, "WatchFlows", r => Flows(r.Filter)),
    ];

    private static KeyValuePair<string, MethodRule> For<TRequest>(ServiceDescriptor service, string method, Func<TRequest, IEnumerable<Demand>> demands)
        where TRequest : IMessage =>
        KeyValuePair.Create(MethodRules.PathOf(service, method), new MethodRule(Audience.Users, request => demands((TRequest)request)));

    private static IEnumerable<KeyValuePair<string, MethodRule>> Standard<TCreate, TUpdate>(
        ServiceDescriptor service, string one, string many, string field, Func<TCreate, string?> created, Func<TUpdate, string?> updated)
        where TCreate : IMessage
        where TUpdate : IMessage =>
    [
        For<GetRequest>(service, $"Get{one}", r => Read(r.Name, "name")),
        For<ListRequest>(service, $"List{many}", r => List(r, service == TenantService.Descriptor)),
        For<TCreate>(service, $"Create{one}", r => Change(created(r), $"{field}.name")),
        For<TUpdate>(service, $"Update{one}", r => Change(updated(r), $"{field}.name")),
        For<DeleteRequest>(service, $"Delete{one}", r => Change(r.Name, "name")),
    ];

    private static IEnumerable<Demand> List(ListRequest request, bool ofTenants) => request.Parent switch
    {
        // The list itself shows only tenants that the caller may read.
        AllTenants => [new Demand.ReadSome()],
        "" when ofTenants => [new Demand.ReadSome()],
        "" => [new Demand.Read(null, "parent")],
        var parent => Read(parent, "parent"),
    };

    private static IEnumerable<Demand> Apply(ApplyRequest request) =>
    [
        .. request.Objects.Index().SelectMany(o => Change(o.Item.NameOf(), $"objects[{o.Index}]")),
        .. request.Deletes.Index().SelectMany(d => Change(d.Item, $"deletes[{d.Index}]")),
    ];

    private static IEnumerable<Demand> WaitRealized(WaitRealizedRequest request) =>
    [
        .. ReadEach(request.Names, "names"),
        .. request.Revisions.Keys.SelectMany(key => key.Length == 0 ? [new Demand.Read(null, "revisions[\"\"]")] : Read(key, $"revisions[\"{key}\"]")),
    ];

    private static IEnumerable<Demand> Top(GetTopRequest request, string prefix) => request.View == TopView.Nodes
        ? [new Demand.Read(null, $"{prefix}view")]
        : [new Demand.ReadSome(), .. Read(request.Tenant, $"{prefix}tenant")];

    /// <summary>By a foreign party's name one would learn its address.</summary>
    private static IEnumerable<Demand> Flows(FlowFilter? filter) =>
        [new Demand.ReadSome(), .. Read(filter?.Tenant ?? "", "filter.tenant"), .. Read(filter?.Party ?? "", "filter.party")];

    private static IEnumerable<Demand> ReadEach(RepeatedField<string> names, string field) =>
        [new Demand.ReadSome(), .. names.Index().SelectMany(n => Read(n.Item, $"{field}[{n.Index}]"))];

    private static IEnumerable<Demand> Read(string text, string field) => ObjectName.TryParse(text, out var name) ? [new Demand.Read(name.Tenant, field)] : [];

    private static IEnumerable<Demand> Change(string? text, string field) => ObjectName.TryParse(text, out var name) ? [new Demand.Change(name, field)] : [];
}
