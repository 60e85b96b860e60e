using System.Collections.Immutable;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;

namespace Vallum.Manifests.Assembly;

/// <summary>
/// What one object says about others: endpoints and policies name segments and network sets that must exist. The same reasons and words wherever it is
/// judged: offline over files, and in the tenant's own commit. Judged is the state after a change, so the order of changes never matters.
/// </summary>
public static class ReferenceCheck
{
    /// <summary>Objects that the message names when something is still in use.</summary>
    private const int UsersShown = 3;

    /// <param name="hasSegment">Whether the endpoint's tenant has the segment.</param>
    public static ImmutableArray<FieldViolation> Judge(Endpoint endpoint, Func<SegmentName, bool> hasSegment) =>
        hasSegment(endpoint.Segment) ? [] : [UnknownSegment(FieldPath.Root.Field("spec.segment"), endpoint.Segment, endpoint.Id.Tenant)];

    /// <param name="hasSegment">Whether the policy's tenant has the segment; not asked for an operator's policy, which names segments of many tenants.</param>
    /// <param name="hasSet">Whether there is the network set.</param>
    public static ImmutableArray<FieldViolation> Judge(Policy policy, Func<SegmentName, bool> hasSegment, Func<NetworkSetName, bool> hasSet)
    {
        var violations = ImmutableArray.CreateBuilder<FieldViolation>();
        foreach (var reference in PolicyReferences.Of(policy))
        {
            switch (reference)
            {
                case { Segment: { } segment } when !hasSegment(segment):
                    violations.Add(UnknownSegment(reference.Field, segment, policy.Id.Tenant));
                    break;
                case { NetworkSet: { } set } when !hasSet(set):
                    violations.Add(new(reference.Field.ToString(), Reasons.UnknownNetworkSet, $"there is no network set '{set}'"));
                    break;
            }
        }

        return violations.ToImmutable();
    }

    /// <summary>Why a segment cannot go: null when nobody names it.</summary>
    /// <param name="endpoints">The tenant's, as they are after the change.</param>
    /// <param name="policies">Likewise.</param>
    public static FieldViolation? JudgeRemoval(SegmentName segment, IEnumerable<Endpoint> endpoints, IEnumerable<Policy> policies)
    {
        var users = endpoints.Where(e => e.Segment == segment).Select(e => $"endpoint {e.Id}")
            .Concat(policies.Where(p => PolicyReferences.Of(p).Any(r => r.Segment == segment)).Select(p => $"policy {p.Id}"));
        return InUse(users, Reasons.SegmentInUse, $"the segment '{segment}'");
    }

    /// <summary>Why a network set cannot go: null when nobody names it.</summary>
    /// <param name="policies">All policies that may name it, as they are after the change.</param>
    public static FieldViolation? JudgeRemoval(NetworkSetName set, IEnumerable<Policy> policies) => InUse(
        policies.Where(p => PolicyReferences.Of(p).Any(r => r.NetworkSet == set)).Select(p => $"policy {p.Id}"),
        Reasons.NetworkSetInUse,
        $"the network set '{set}'");

    /// <summary>Segments of its own tenant that a policy names: what must exist, each once.</summary>
    public static ImmutableSortedSet<SegmentName> SegmentsOf(Policy policy) =>
        [.. PolicyReferences.Of(policy).Where(r => r.Segment is not null).Select(r => r.Segment!.Value)];

    /// <summary>Network sets that a policy names: what must exist, each once.</summary>
    public static ImmutableSortedSet<NetworkSetName> NetworkSetsOf(Policy policy) =>
        [.. PolicyReferences.Of(policy).Where(r => r.NetworkSet is not null).Select(r => r.NetworkSet!.Value)];

    /// <summary>The addresses that only this endpoint may have: none of a hostNetwork endpoint, which has its node's.</summary>
    public static ImmutableArray<Primitives.Address> ClaimsOf(Endpoint endpoint) => endpoint.HostNetwork ? [] : endpoint.Addresses;

    /// <param name="index">Of the address in the endpoint's list.</param>
    public static FieldViolation AddressInUse(int index, Primitives.Address address, EndpointId owner) =>
        new(FieldPath.Root.Field("spec.addresses")[index].ToString(), Reasons.AddressInUse, $"{address} belongs to the endpoint {owner}: an address belongs to one endpoint in the cluster");

    /// <summary>Of an object whose tenant there is not.</summary>
    public static FieldViolation UnknownTenant(TenantName tenant) =>
        new("name", Reasons.UnknownTenant, $"there is no tenant '{tenant}': create tenants/{tenant} first, or with it");

    private static FieldViolation UnknownSegment(FieldPath field, SegmentName segment, TenantName? tenant) =>
        new(field.ToString(), Reasons.UnknownSegment, $"the tenant '{tenant}' has no segment '{segment}'");

    private static FieldViolation? InUse(IEnumerable<string> users, string reason, string what)
    {
        var shown = users.Take(UsersShown + 1).ToList();
        if (shown.Count == 0)
        {
            return null;
        }

        var names = string.Join(", ", shown.Take(UsersShown));
        return new("name", reason, $"{what} is named by {names}{(shown.Count > UsersShown ? " and others" : "")}: change or delete those first, or with it");
    }
}
