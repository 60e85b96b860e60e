using System.Collections.Immutable;
using CsCheck;
using Vallum.Policies.Model;

namespace Vallum.Testing.Worlds;

/// <summary>Labels, and selectors that hit them about as often as they miss.</summary>
public static class SelectorGens
{
    private static readonly ImmutableArray<string> Keys = ["app", "env"];

    private static readonly ImmutableArray<string> Values = ["a", "b", ""];

    public static readonly Gen<LabelSet> Labels =
        Gen.Select(Label("app"), Label("env"), (app, env) => LabelSet.Of([.. app, .. env]));

    public static readonly Gen<Requirement> Requirements =
        from key in Gen.OneOf([.. Keys])
        from values in Gen.OneOf([.. Values]).Array[1, 2]
        from requirement in Gen.OneOf(
            Requirement.In(key, values), Requirement.In(key, values), Requirement.NotIn(key, values), Requirement.Exists(key), Requirement.DoesNotExist(key))
        select requirement;

    public static readonly Gen<Selector> Selectors =
        Gen.Frequency((4, Gen.Const(Selector.All)), (5, Requirements.Select(r => Selector.Of(r))), (1, Requirements.Array[2].Select(r => Selector.Of(r))));

    public static readonly Gen<TenantName> Tenants = Gen.OneOf([.. Vocabulary.Tenants]);

    public static readonly Gen<SegmentName> Segments = Gen.OneOf([.. Vocabulary.Segments]);

    public static readonly Gen<TenantScope> Scopes = Gen.Frequency(
        (4, Gen.Const<TenantScope>(TenantScope.Same.Instance)),
        (1, Gen.Const<TenantScope>(TenantScope.Other.Instance)),
        (2, Selectors.Select(s => (TenantScope)new TenantScope.Matching(s))),
        (2, Tenants.Array[1, 2].Select(t => (TenantScope)new TenantScope.Named(t))));

    public static readonly Gen<EndpointQuery> Queries = Gen.Select(
        Selectors,
        Gen.Frequency((3, Gen.Const(Array.Empty<SegmentName>())), (1, Segments.Array[1, 2])),
        (selector, segments) => new EndpointQuery(selector, segments));

    /// <summary>Of a subject: "other" and the names of other tenants pick nothing there, so they are rare.</summary>
    public static readonly Gen<EndpointSelector> Subjects = Gen.Select(
        Gen.Frequency((6, Gen.Const<TenantScope>(TenantScope.Same.Instance)), (2, Scopes)), Queries, (scope, query) => new EndpointSelector(scope, query));

    public static readonly Gen<EndpointSelector> EndpointSelectors = Gen.Select(Scopes, Queries, (scope, query) => new EndpointSelector(scope, query));

    private static Gen<(string Key, string Value)[]> Label(string key) =>
        Gen.Frequency((1, Gen.Const(Array.Empty<(string, string)>())), (3, Gen.OneOf([.. Values]).Select(v => new[] { (key, v) })));
}
