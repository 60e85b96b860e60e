using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Silo.Grains.Cluster;

/// <summary>The operator's policies, which every tenant compiles.</summary>
/// <param name="Revision">Of the cluster's own objects, when one of these changed last; 0: nothing is known yet.</param>
internal sealed record OperatorPolicies(long Revision, ImmutableDictionary<PolicyId, Policy> Policies)
{
    public static readonly OperatorPolicies Unknown = new(0, ImmutableDictionary<PolicyId, Policy>.Empty);
}

/// <summary>
/// The operator's policies as this silo knows them. Tenants wait here and not at the cluster view: that nodes and tenants come and go must not wake 25,000 of them.
/// </summary>
internal interface IOperatorPolicies
{
    OperatorPolicies Current { get; }

    /// <summary>The first with a revision above <paramref name="afterRevision"/>; at once when there is one already.</summary>
    Task<OperatorPolicies> Next(long afterRevision, CancellationToken cancellationToken);
}
