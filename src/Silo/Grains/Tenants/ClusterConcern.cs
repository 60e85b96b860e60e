using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Silo.Distribution;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>
/// Which revision of the cluster's own objects concerned the tenant last: it changed what the operator's policies say of the tenant's endpoints, or a
/// network set or the nodes that rules in force there name. Never too low; an activation takes what was before it for its concern.
/// </summary>
internal sealed class ClusterConcern
{
    private readonly Dictionary<string, (ImmutableArray<NetworkSetName> Sets, bool Nodes)> _ofRules = [];
    private ClusterSnapshot? _seen;

    public long Revision { get; private set; }

    /// <summary>Compiled anew.</summary>
    public void Take(IEnumerable<ResourceDelta> deltas)
    {
        foreach (var delta in deltas.Where(delta => delta.Key.Kind == ResourceKind.PolicyRules))
        {
            if (delta.Gone)
            {
                _ofRules.Remove(delta.Key.Name);
            }
            else if (delta.Head is ResourceHead.PolicyRules rules)
            {
                ImmutableArray<NetworkSetName> sets = [.. rules.Groups.OfType<GroupDefinition.OfNetworkSet>().Select(group => group.Name)];
                var nodes = rules.Groups.Any(group => group is GroupDefinition.OfNodes);
                _ofRules[delta.Key.Name] = (sets, nodes);
                if (_seen is { } seen && (nodes || !sets.IsEmpty))
                {
                    // What is named from now on, a silo may still know as it was before.
                    Changed(seen.Revision);
                }
            }
        }
    }

    /// <summary>The revision concerns the tenant.</summary>
    public void Changed(long revision) => Revision = Math.Max(Revision, revision);

    /// <summary>All that this silo knows has been looked at.</summary>
    public void Reached(ClusterSnapshot view)
    {
        if (_seen is not { } before)
        {
            Changed(view.Revision);
        }
        else if (!ReferenceEquals(before, view) && _ofRules.Values.Any(rules => IsChanged(rules.Sets, rules.Nodes, before, view)))
        {
            Changed(view.Revision);
        }

        _seen = view;
    }

    private static bool IsChanged(ImmutableArray<NetworkSetName> sets, bool nodes, ClusterSnapshot before, ClusterSnapshot after) =>
        (nodes && !ReferenceEquals(before.Nodes, after.Nodes)) ||
        sets.Any(set => !ReferenceEquals(before.NetworkSets.GetValueOrDefault(set), after.NetworkSets.GetValueOrDefault(set)));
}
