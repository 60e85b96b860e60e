using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>The order in which policies are read: by tier, in Admin and Baseline by priority, then by name. Equal only for equal entries.</summary>
internal sealed class PolicyOrder : IComparer<PolicyInForce>
{
    public static readonly PolicyOrder Instance = new();

    public int Compare(PolicyInForce? x, PolicyInForce? y)
    {
        if (ReferenceEquals(x, y) || x is null || y is null)
        {
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        }

        var order = x.Tier.CompareTo(y.Tier);
        order = order != 0 || x.Tier == Tier.Tenant ? order : x.Priority.CompareTo(y.Priority);
        order = order != 0 ? order : string.CompareOrdinal(x.Policy, y.Policy);
        order = order != 0 ? order : string.CompareOrdinal(x.Rules, y.Rules);
        order = order != 0 ? order : x.Staged.CompareTo(y.Staged);
        return order != 0 ? order : x.Priority.CompareTo(y.Priority);
    }
}
