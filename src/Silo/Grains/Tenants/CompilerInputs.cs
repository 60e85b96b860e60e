using System.Collections.Immutable;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Silo.Grains.Objects;
using Endpoint = Vallum.Policies.Model.Endpoint;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>What the compiler is told of a committed batch, and of the operator's policies.</summary>
internal static class CompilerInputs
{
    public static IEnumerable<TenantInput> Of(IEnumerable<ScopeEdit> edits) => edits.Select(Of).OfType<TenantInput>();

    /// <summary>What leads from the operator's policies that the compiler has to those that there are.</summary>
    public static IEnumerable<TenantInput> Between(ImmutableDictionary<PolicyId, Policy> known, ImmutableDictionary<PolicyId, Policy> wanted) =>
        known.Keys.Where(id => !wanted.ContainsKey(id)).Select(id => (TenantInput)new TenantInput.RemovePolicy(id))
            .Concat(wanted.Values.Where(policy => !policy.Equals(known.GetValueOrDefault(policy.Id))).Select(policy => new TenantInput.PutPolicy(policy)));

    private static TenantInput? Of(ScopeEdit edit) => (edit.Before?.Value, edit.After?.Value) switch
    {
        (_, Tenant after) => new TenantInput.PutTenant(after),
        (_, Segment after) => new TenantInput.PutSegment(after),
        (_, Endpoint after) => new TenantInput.PutEndpoint(after),
        (_, Policy after) => new TenantInput.PutPolicy(after),
        // A tenant that is gone owns nothing, so what its labels and postures would be does not matter.
        (Tenant before, null) => new TenantInput.PutTenant(new Tenant(before.Name, LabelSet.Empty)),
        (Segment before, null) => new TenantInput.RemoveSegment(before.Name),
        (Endpoint before, null) => new TenantInput.RemoveEndpoint(before.Id.Name),
        (Policy before, null) => new TenantInput.RemovePolicy(before.Id),
        _ => null,
    };
}
