using System.Collections.Immutable;

namespace Vallum.Policies.Model;

/// <summary>Which tenants a selector looks into, seen from the tenant whose endpoint is judged.</summary>
public abstract record TenantScope
{
    private TenantScope()
    {
    }

    /// <summary>The tenant of the endpoint that the policy selects.</summary>
    public sealed record Same : TenantScope
    {
        public static readonly Same Instance = new();

        public override string ToString() => "same";
    }

    /// <summary>Every tenant but that of the endpoint that the policy selects.</summary>
    public sealed record Other : TenantScope
    {
        public static readonly Other Instance = new();

        public override string ToString() => "other";
    }

    /// <summary>Tenants whose labels match; the own tenant too if it matches.</summary>
    public sealed record Matching(Selector Selector) : TenantScope
    {
        public override string ToString() => $"matching({Selector})";
    }

    /// <summary>Tenants by name; a name that no tenant has picks nothing.</summary>
    public sealed record Named : TenantScope
    {
        public Named(params IEnumerable<TenantName> names) => Names = [.. names.Distinct().Order()];

        /// <summary>Sorted and unique.</summary>
        public ImmutableArray<TenantName> Names { get; }

        public bool Equals(Named? other) => other is not null && Names.SequenceEqual(other.Names);

        public override int GetHashCode() => Names.Aggregate(3, HashCode.Combine);

        public override string ToString() => $"named({string.Join(',', Names)})";
    }

    /// <summary>Whether <paramref name="candidate"/> is looked into when the selected endpoint belongs to <paramref name="self"/>.</summary>
    public bool Includes(TenantName self, Tenant candidate) => this switch
    {
        Same => candidate.Name == self,
        Other => candidate.Name != self,
        Matching m => m.Selector.Matches(candidate.Labels),
        Named n => n.Names.Contains(candidate.Name),
        _ => throw new InvalidOperationException($"unknown scope {this}"),
    };
}

/// <summary>
/// Which endpoints of a tenant: those in any of <see cref="Segments"/> (none named: in any or no segment) whose labels match.
/// It never picks hostNetwork endpoints.
/// </summary>
public sealed record EndpointQuery
{
    public EndpointQuery(Selector selector, params IEnumerable<SegmentName> segments)
    {
        Selector = selector;
        Segments = [.. segments.Distinct().Order()];
    }

    public Selector Selector { get; }

    /// <summary>Sorted and unique; empty means that the segment does not matter.</summary>
    public ImmutableArray<SegmentName> Segments { get; }

    public bool Equals(EndpointQuery? other) =>
        other is not null && Selector.Equals(other.Selector) && Segments.SequenceEqual(other.Segments);

    public override int GetHashCode() => Segments.Aggregate(Selector.GetHashCode(), HashCode.Combine);

    /// <summary>One text for one meaning.</summary>
    public override string ToString() => $"[{string.Join(',', Segments)}]{{{Selector}}}";
}

/// <summary>Endpoints by tenant, segment and labels; all parts must hold.</summary>
public sealed record EndpointSelector(TenantScope Tenants, EndpointQuery Query)
{
    public override string ToString() => $"{Tenants}{Query}";
}
