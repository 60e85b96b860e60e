using Vallum.Cluster.Objects;
using Vallum.Manifests.Assembly;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Silo.Grains.Cluster;

/// <summary>
/// What must hold between the cluster's own objects: a network set that an operator's policy names is there. Tenants' policies name sets too; one that goes
/// while they do matches nothing for them.
/// </summary>
internal sealed class ClusterRules : IScopeRules
{
    public static readonly ClusterRules Instance = new();

    public bool Owns(ObjectKind kind) => kind is ObjectKind.Node or ObjectKind.NetworkSet or ObjectKind.Policy;

    public IEnumerable<Finding> Check(ObjectDraft draft, Func<ScopeKey, int> changeOf)
    {
        foreach (var edit in draft.Edits)
        {
            var (kind, violations) = Judge(edit, draft);
            foreach (var violation in violations)
            {
                yield return Finding.Of(kind, changeOf(edit.Key), violation.Field, violation.Reason, violation.Description);
            }
        }
    }

    private static (FaultKind Kind, IEnumerable<FieldViolation> Violations) Judge(ScopeEdit edit, ObjectDraft draft) => edit switch
    {
        { After.Value: Policy policy } => (
            FaultKind.Invalid,
            ReferenceCheck.Judge(policy, _ => true, set => draft.Find(new ScopeKey(ObjectKind.NetworkSet, set.Value)) is not null)),
        { Key.Kind: ObjectKind.NetworkSet, After: null } when
            ReferenceCheck.JudgeRemoval(new NetworkSetName(edit.Key.Name), draft.All(ObjectKind.Policy).Select(one => (Policy)one.Value)) is { } inUse => (
            FaultKind.Precondition, [inUse]),
        _ => (FaultKind.Invalid, []),
    };
}
