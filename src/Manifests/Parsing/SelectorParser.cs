using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static class SelectorParser
{
    /// <summary>What a selector of endpoints is for; the subject of a policy has rules of its own about tenants.</summary>
    public enum Use
    {
        Peer,
        SubjectOfTenant,
        SubjectOfOperator,
    }

    public static Selector Labels(Api.LabelSelector message, FieldPath path, ViolationList violations)
    {
        if (!violations.Allows(path, message.MatchLabels.Count + message.MatchExpressions.Count, Limits.Requirements, "conditions"))
        {
            return Selector.All;
        }

        var requirements = new List<Requirement>(message.MatchLabels.Count + message.MatchExpressions.Count);
        foreach (var (key, value) in message.MatchLabels)
        {
            var at = path.Field("matchLabels").Key(key);
            LabelSyntax.JudgeKey(key, at, violations);
            LabelSyntax.JudgeValue(value, at, violations);
            requirements.Add(Requirement.In(key, value));
        }

        for (var i = 0; i < message.MatchExpressions.Count; i++)
        {
            if (Expression(message.MatchExpressions[i], path.Field("matchExpressions")[i], violations) is { } requirement)
            {
                requirements.Add(requirement);
            }
        }

        return Selector.Of(requirements);
    }

    public static EndpointSelector Endpoints(Api.EndpointSelector message, Use use, FieldPath path, ViolationList violations)
    {
        if (message.Tenants is null && message.Segments.Count == 0 && message.Selector is null)
        {
            violations.Add(path, Reasons.EmptySelector, "says nothing about whom it picks: give tenants, segments or selector; 'selector: {}' picks every endpoint");
        }

        var scope = Scope(message.Tenants, use, path.Field("tenants"), violations);
        var segments = References(message.Segments, ObjectType.Segment, path.Field("segments"), violations).Select(s => new SegmentName(s));
        var selector = message.Selector is null ? Selector.All : Labels(message.Selector, path.Field("selector"), violations);
        return new EndpointSelector(scope, new EndpointQuery(selector, segments));
    }

    private static TenantScope Scope(Api.TenantSelector? message, Use use, FieldPath path, ViolationList violations)
    {
        if (message is null)
        {
            if (use == Use.SubjectOfOperator)
            {
                violations.Add(path, Reasons.TenantsRequired, "the subject of an operator's policy says whose endpoints it is about: 'tenants: {selector: {}}' is every tenant");
            }

            return TenantScope.Same.Instance;
        }

        if (use == Use.SubjectOfTenant)
        {
            violations.Add(path, Reasons.TenantsNotAllowed, "a tenant's policy is about the tenant's own endpoints: leave tenants out");
            return TenantScope.Same.Instance;
        }

        var given = (message.Relation != Api.TenantRelation.Unspecified ? 1 : 0) + (message.Selector is not null ? 1 : 0) + (message.Names.Count > 0 ? 1 : 0);
        if (given != 1)
        {
            violations.Add(path, Reasons.ExactlyOneRequired, $"{given} of relation, selector and names are given: give exactly one");
        }

        if (message.Relation != Api.TenantRelation.Unspecified)
        {
            return Relation(message.Relation, use, path.Field("relation"), violations);
        }

        return message.Selector is { } selector
            ? new TenantScope.Matching(Labels(selector, path.Field("selector"), violations))
            : new TenantScope.Named(References(message.Names, ObjectType.Tenant, path.Field("names"), violations).Select(t => new TenantName(t)));
    }

    private static TenantScope Relation(Api.TenantRelation relation, Use use, FieldPath path, ViolationList violations)
    {
        if (use == Use.SubjectOfOperator)
        {
            violations.Add(path, Reasons.TenantsNotAllowed, "a relation is to the tenant of the endpoint that the policy selects, which a subject is yet to say: give selector or names");
        }

        switch (relation)
        {
            case Api.TenantRelation.Same:
                return TenantScope.Same.Instance;
            case Api.TenantRelation.Other:
                return TenantScope.Other.Instance;
            default:
                violations.Add(path, Reasons.UnknownEnumValue, $"{(int)relation} is not a relation: SAME or OTHER");
                return TenantScope.Same.Instance;
        }
    }

    private static Requirement? Expression(Api.LabelRequirement message, FieldPath path, ViolationList violations)
    {
        LabelSyntax.JudgeKey(message.Key, path.Field("key"), violations);
        var values = path.Field("values");
        if (violations.Allows(values, message.Values.Count, Limits.Values, "values"))
        {
            for (var i = 0; i < message.Values.Count; i++)
            {
                LabelSyntax.JudgeValue(message.Values[i], values[i], violations);
            }
        }

        switch (message.Operator)
        {
            case Api.LabelOperator.In or Api.LabelOperator.NotIn when message.Values.Count == 0:
                violations.Add(values, Reasons.ValuesRequired, "In and NotIn compare with values: give at least one");
                return null;
            case Api.LabelOperator.Exists or Api.LabelOperator.DoesNotExist when message.Values.Count > 0:
                violations.Add(values, Reasons.ValuesNotAllowed, "Exists and DoesNotExist ask for the key alone: give no values");
                return null;
            case Api.LabelOperator.In:
                return Requirement.In(message.Key, message.Values);
            case Api.LabelOperator.NotIn:
                return Requirement.NotIn(message.Key, message.Values);
            case Api.LabelOperator.Exists:
                return Requirement.Exists(message.Key);
            case Api.LabelOperator.DoesNotExist:
                return Requirement.DoesNotExist(message.Key);
            case Api.LabelOperator.Unspecified:
                violations.Add(path.Field("operator"), Reasons.Required, "is missing: IN, NOT_IN, EXISTS or DOES_NOT_EXIST");
                return null;
            default:
                violations.Add(path.Field("operator"), Reasons.UnknownEnumValue, $"{(int)message.Operator} is not an operator: IN, NOT_IN, EXISTS or DOES_NOT_EXIST");
                return null;
        }
    }

    private static ImmutableArray<string> References(RepeatedField<string> names, ObjectType type, FieldPath path, ViolationList violations)
    {
        if (names.Count == 0 || !violations.Allows(path, names.Count, Limits.Names, "names"))
        {
            return [];
        }

        var known = ImmutableArray.CreateBuilder<string>(names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            if (NameSyntax.IsReference(names[i], type, path[i], violations))
            {
                known.Add(names[i]);
            }
        }

        return known.ToImmutable();
    }
}
