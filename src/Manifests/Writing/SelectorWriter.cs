using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Writing;

internal static class SelectorWriter
{
    /// <summary>A condition with one value goes into matchLabels, as people write it; a second one on the same key beside it.</summary>
    public static Api.LabelSelector Labels(Selector selector)
    {
        var message = new Api.LabelSelector();
        foreach (var requirement in selector.Requirements)
        {
            if (requirement is { Operator: LabelOperator.In, Values: [var value] } && message.MatchLabels.TryAdd(requirement.Key, value))
            {
                continue;
            }

            var expression = new Api.LabelRequirement { Key = requirement.Key, Operator = Write(requirement.Operator) };
            expression.Values.AddRange(requirement.Values);
            message.MatchExpressions.Add(expression);
        }

        return message;
    }

    /// <summary>The scope Same is left out: it is the default of a peer, and the only scope of a tenant's subject.</summary>
    public static Api.EndpointSelector Endpoints(EndpointSelector selector)
    {
        var message = new Api.EndpointSelector { Tenants = Scope(selector.Tenants) };
        message.Segments.AddRange(selector.Query.Segments.Select(s => s.Value));
        if (!selector.Query.Selector.IsAll || (message.Tenants is null && message.Segments.Count == 0))
        {
            message.Selector = Labels(selector.Query.Selector);
        }

        return message;
    }

    /// <summary>A subject has the fields of the endpoints that it picks.</summary>
    public static Api.PolicySubject Subject(Api.EndpointSelector endpoints) =>
        new() { Tenants = endpoints.Tenants, Segments = { endpoints.Segments }, Selector = endpoints.Selector };

    private static Api.TenantSelector? Scope(TenantScope scope)
    {
        switch (scope)
        {
            case TenantScope.Same:
                return null;
            case TenantScope.Other:
                return new Api.TenantSelector { Relation = Api.TenantRelation.Other };
            case TenantScope.Matching matching:
                return new Api.TenantSelector { Selector = Labels(matching.Selector) };
            case TenantScope.Named named:
                var names = new Api.TenantSelector();
                names.Names.AddRange(named.Names.Select(n => n.Value));
                return names;
            default:
                throw new InvalidOperationException($"unknown scope {scope}");
        }
    }

    private static Api.LabelOperator Write(LabelOperator @operator) => @operator switch
    {
        LabelOperator.In => Api.LabelOperator.In,
        LabelOperator.NotIn => Api.LabelOperator.NotIn,
        LabelOperator.Exists => Api.LabelOperator.Exists,
        LabelOperator.DoesNotExist => Api.LabelOperator.DoesNotExist,
        _ => throw new InvalidOperationException($"unknown operator {@operator}"),
    };
}
