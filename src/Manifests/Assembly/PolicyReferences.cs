using System.Collections.Immutable;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;

namespace Vallum.Manifests.Assembly;

/// <summary>One place where a policy names something that must exist: exactly one of the two is there.</summary>
internal readonly record struct PolicyReference(FieldPath Field, SegmentName? Segment, NetworkSetName? NetworkSet);

internal static class PolicyReferences
{
    /// <summary>
    /// In the order of the policy. Segments count where they are those of the policy's own tenant; which tenants an operator's policy, or a selector over
    /// other tenants, will meet is open, and a segment that a tenant lacks picks nothing there.
    /// </summary>
    public static IEnumerable<PolicyReference> Of(Policy policy)
    {
        var spec = FieldPath.Root.Field("spec");
        for (var i = 0; i < policy.Subject.Length; i++)
        {
            foreach (var reference in Segments(policy, policy.Subject[i], spec.Field("subject")[i]))
            {
                yield return reference;
            }
        }

        foreach (var reference in Rules(policy, policy.Ingress, spec.Field("ingress")).Concat(Rules(policy, policy.Egress, spec.Field("egress"))))
        {
            yield return reference;
        }
    }

    private static IEnumerable<PolicyReference> Rules(Policy policy, ImmutableArray<Rule> rules, FieldPath path)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            for (var j = 0; j < rules[i].Peers.Length; j++)
            {
                var at = path[i].Field("peers")[j];
                var references = rules[i].Peers[j] switch
                {
                    Peer.Endpoints endpoints => Segments(policy, endpoints.Selector, at.Field("endpoints")),
                    Peer.Set set => [new PolicyReference(at.Field("networkSet"), null, set.Name)],
                    _ => [],
                };
                foreach (var reference in references)
                {
                    yield return reference;
                }
            }
        }
    }

    private static IEnumerable<PolicyReference> Segments(Policy policy, EndpointSelector selector, FieldPath path) =>
        policy.Id.Tenant is not null && selector.Tenants is TenantScope.Same
            ? selector.Query.Segments.Select(segment => new PolicyReference(path.Field("segments"), segment, null))
            : [];
}
