using Vallum.Cluster.Objects;
using Vallum.Manifests.Assembly;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;
using Vallum.Silo.Grains.Objects;
using Endpoint = Vallum.Policies.Model.Endpoint;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>
/// What must hold between a tenant's objects after a batch: what they name is there, an address has one endpoint, and nothing is owned by a tenant that does
/// not exist. Looks at what the batch touches; only where a segment goes, at all that may name it.
/// </summary>
internal sealed class TenantRules(TenantName tenant, Func<NetworkSetName, bool> hasSet) : IScopeRules
{
    private readonly ScopeKey _self = new(ObjectKind.Tenant, tenant.Value);

    public bool Owns(ObjectKind kind) => kind is ObjectKind.Tenant or ObjectKind.Segment or ObjectKind.Endpoint or ObjectKind.Policy;

    public IEnumerable<Finding> Check(ObjectDraft draft, Func<ScopeKey, int> changeOf)
    {
        var exists = draft.Find(_self) is not null;
        if (!exists && draft.Below.Find(_self) is not null && Owned(draft) is { } owned)
        {
            yield return Finding.Of(
                FaultKind.Precondition, changeOf(_self), "name", "TENANT_NOT_EMPTY",
                $"The tenant '{tenant}' still owns objects, such as {owned.Kind} '{owned.Name}': delete those first, or all with it.");
            yield break;
        }

        foreach (var edit in draft.Edits)
        {
            foreach (var finding in edit.After is null ? CheckRemoval(edit.Key, draft) : CheckPut(edit.After, draft, exists))
            {
                yield return Finding.Of(finding.Kind, changeOf(edit.Key), finding.Violation.Field, finding.Violation.Reason, finding.Violation.Description);
            }
        }
    }

    private static IEnumerable<Finding> CheckRemoval(ScopeKey key, ObjectDraft draft)
    {
        if (key.Kind == ObjectKind.Segment
            && ReferenceCheck.JudgeRemoval(new SegmentName(key.Name), Values<Endpoint>(draft, ObjectKind.Endpoint), Values<Policy>(draft, ObjectKind.Policy)) is { } inUse)
        {
            yield return FindingOf(FaultKind.Precondition, inUse);
        }
    }

    private IEnumerable<Finding> CheckPut(ScopeObject put, ObjectDraft draft, bool exists)
    {
        if (!exists)
        {
            return [FindingOf(FaultKind.NotFound, ReferenceCheck.UnknownTenant(tenant))];
        }

        bool HasSegment(SegmentName name) => draft.Find(new ScopeKey(ObjectKind.Segment, name.Value)) is not null;
        return put.Value switch
        {
            Endpoint endpoint => ReferenceCheck.Judge(endpoint, HasSegment).Concat(Shared(endpoint, draft)).Select(Invalid),
            Policy policy => ReferenceCheck.Judge(policy, HasSegment, hasSet).Select(Invalid),
            _ => [],
        };
    }

    /// <summary>Addresses that another endpoint of the tenant has after the batch.</summary>
    private static IEnumerable<FieldViolation> Shared(Endpoint endpoint, ObjectDraft draft)
    {
        var claims = ReferenceCheck.ClaimsOf(endpoint);
        for (var index = 0; index < claims.Length; index++)
        {
            var address = claims[index];
            // The draft knows the last that took the address; the state below, one that had it before and may have kept it.
            foreach (var other in (ReadOnlySpan<string?>)[draft.EndpointAt(address), draft.Below.EndpointAt(address)])
            {
                if (other is not null && other != endpoint.Id.Name && draft.Find(new ScopeKey(ObjectKind.Endpoint, other)).Owned().Contains(address))
                {
                    return [ReferenceCheck.AddressInUse(index, address, endpoint.Id with { Name = other })];
                }
            }
        }

        return [];
    }

    private static ScopeKey? Owned(ObjectDraft draft) =>
        draft.All(ObjectKind.Segment).Concat(draft.All(ObjectKind.Endpoint)).Concat(draft.All(ObjectKind.Policy)).FirstOrDefault()?.Key;

    private static IEnumerable<T> Values<T>(ObjectDraft draft, ObjectKind kind) => draft.All(kind).Select(one => (T)one.Value);

    private static Finding Invalid(FieldViolation violation) => FindingOf(FaultKind.Invalid, violation);

    private static Finding FindingOf(FaultKind kind, FieldViolation violation) => Finding.Of(kind, 0, violation.Field, violation.Reason, violation.Description);
}
