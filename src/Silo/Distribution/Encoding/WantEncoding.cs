using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Silo.Distribution.Encoding;

/// <summary>What groups and their parts are, between the compiler's words and the wire between silos. Both ways: <c>From(To(x)) == x</c>.</summary>
internal static class WantEncoding
{
    private const int OfEndpoints = 0;
    private const int OfNetworkSet = 1;
    private const int OfNodes = 2;

    private const int Named = 0;
    private const int AllBut = 1;
    private const int Matching = 2;

    public static GroupWant ToWant(GroupDefinition definition) => definition switch
    {
        GroupDefinition.OfEndpoints e => ToWant(e),
        GroupDefinition.OfNetworkSet s => new GroupWant(s.Id.Value, OfNetworkSet, 0, [s.Name.Value], [], null, ""),
        GroupDefinition.OfNodes n => new GroupWant(n.Id.Value, OfNodes, 0, [], ToWants(n.Selector), null, ""),
        _ => throw new InvalidOperationException($"unknown group {definition}"),
    };

    public static GroupDefinition FromWant(GroupWant want) => want.Kind switch
    {
        OfEndpoints => new GroupDefinition.OfEndpoints(ScopeOf(want), FromWant(want.Part ?? throw Unknown(want))),
        OfNetworkSet => new GroupDefinition.OfNetworkSet(new NetworkSetName(want.Names[0])),
        OfNodes => new GroupDefinition.OfNodes(FromWants(want.Requirements)),
        _ => throw Unknown(want),
    };

    public static PartWant ToWant(EndpointPart part) => new(
        ToWants(part.Query.Selector),
        [.. part.Query.Segments.Select(s => s.Value)],
        part.Port?.Name ?? "",
        part.Port?.Protocol ?? 0);

    public static EndpointPart FromWant(PartWant want) => new(
        new EndpointQuery(FromWants(want.Requirements), want.Segments.Select(s => new SegmentName(s))),
        want.PortName.Length == 0 ? null : new PortName(want.PortName, want.PortProtocol));

    private static GroupWant ToWant(GroupDefinition.OfEndpoints group)
    {
        var (scope, names, requirements) = group.Tenants switch
        {
            ResolvedScope.Named n => (Named, [.. n.Names.Select(name => name.Value)], ImmutableArray<RequirementWant>.Empty),
            ResolvedScope.AllBut a => (AllBut, ImmutableArray.Create(a.Name.Value), ImmutableArray<RequirementWant>.Empty),
            ResolvedScope.Matching m => (Matching, ImmutableArray<string>.Empty, ToWants(m.Selector)),
            _ => throw new InvalidOperationException($"unknown scope {group.Tenants}"),
        };
        return new GroupWant(group.Id.Value, OfEndpoints, scope, names, requirements, ToWant(group.Part), group.Part.Id.Value);
    }

    private static ResolvedScope ScopeOf(GroupWant want) => want.Scope switch
    {
        Named => new ResolvedScope.Named(want.Names.Select(n => new TenantName(n))),
        AllBut => new ResolvedScope.AllBut(new TenantName(want.Names[0])),
        Matching => new ResolvedScope.Matching(FromWants(want.Requirements)),
        _ => throw Unknown(want),
    };

    private static ImmutableArray<RequirementWant> ToWants(Selector selector) =>
        [.. selector.Requirements.Select(r => new RequirementWant(r.Key, (int)r.Operator, r.Values))];

    private static Selector FromWants(ImmutableArray<RequirementWant> wants) => Selector.Of(wants.Select(RequirementOf));

    private static Requirement RequirementOf(RequirementWant want) => (LabelOperator)want.Operator switch
    {
        LabelOperator.In => Requirement.In(want.Key, want.Values),
        LabelOperator.NotIn => Requirement.NotIn(want.Key, want.Values),
        LabelOperator.Exists => Requirement.Exists(want.Key),
        LabelOperator.DoesNotExist => Requirement.DoesNotExist(want.Key),
        _ => throw new InvalidOperationException($"unknown operator {want.Operator}"),
    };

    private static InvalidOperationException Unknown(GroupWant want) => new($"a group of a kind that this silo does not know: {want}");
}
