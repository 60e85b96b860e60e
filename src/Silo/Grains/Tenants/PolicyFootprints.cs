using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>
/// Which policies a difference is about: those whose rules changed, that began or ceased to select an identity, whose selected endpoints came, went or
/// moved, or whose groups gained or lost a member of the tenant. The work is that of the difference and of what it touches.
/// </summary>
internal sealed class PolicyFootprints
{
    private readonly Dictionary<string, HashSet<PolicyId>> _ofProfile = [];
    private readonly Dictionary<string, (PolicyId Policy, ImmutableArray<string> Parts)> _ofRules = [];
    private readonly Dictionary<string, Dictionary<PolicyId, int>> _ofPart = [];

    public IReadOnlySet<PolicyId> Take(IReadOnlyCollection<ResourceDelta> deltas)
    {
        HashSet<PolicyId> touched = [];
        Dictionary<string, IReadOnlyCollection<PolicyId>> before = [];
        foreach (var delta in deltas)
        {
            switch (delta.Key.Kind)
            {
                case ResourceKind.Profile:
                    before[delta.Key.Name] = [.. _ofProfile.GetValueOrDefault(delta.Key.Name) ?? []];
                    touched.UnionWith(TakeProfile(delta));
                    break;
                case ResourceKind.PolicyRules:
                    touched.UnionWith(TakeRules(delta));
                    break;
            }
        }

        foreach (var delta in deltas)
        {
            switch (delta.Key.Kind)
            {
                case ResourceKind.Binding:
                    foreach (var profile in delta.Added.Concat(delta.Removed).OfType<ResourceEntry.BoundEndpoint>().Select(bound => bound.Profile.Value).Distinct())
                    {
                        touched.UnionWith(_ofProfile.GetValueOrDefault(profile) ?? []);
                        touched.UnionWith(before.GetValueOrDefault(profile) ?? []);
                    }

                    break;
                case ResourceKind.GroupPart:
                    touched.UnionWith(_ofPart.GetValueOrDefault(delta.Key.Name)?.Keys ?? Enumerable.Empty<PolicyId>());
                    break;
            }
        }

        return touched;
    }

    private HashSet<PolicyId> TakeProfile(ResourceDelta delta)
    {
        if (delta.Gone)
        {
            return _ofProfile.Remove(delta.Key.Name, out var gone) ? gone : [];
        }

        if (!_ofProfile.TryGetValue(delta.Key.Name, out var policies))
        {
            _ofProfile.Add(delta.Key.Name, policies = []);
        }

        // One policy is in a profile once per direction: what goes in one may stay in the other, and is then in the profile still.
        HashSet<PolicyId> touched = [.. delta.Added.Concat(delta.Removed).OfType<ResourceEntry.PolicyInForce>().Select(entry => entry.Policy)];
        policies.UnionWith(touched);
        if (delta.Head is not null)
        {
            // Named ports or default postures: every policy of the profile may mean something else now.
            touched.UnionWith(policies);
        }

        return touched;
    }

    private IEnumerable<PolicyId> TakeRules(ResourceDelta delta)
    {
        if (_ofRules.Remove(delta.Key.Name, out var before))
        {
            foreach (var part in before.Parts)
            {
                Count(part, before.Policy, -1);
            }
        }

        if (delta.Head is ResourceHead.PolicyRules rules)
        {
            ImmutableArray<string> parts = [.. rules.Groups.OfType<GroupDefinition.OfEndpoints>().Select(group => group.Part.Id.Value).Distinct()];
            _ofRules[delta.Key.Name] = (rules.Policy, parts);
            foreach (var part in parts)
            {
                Count(part, rules.Policy, 1);
            }

            return [rules.Policy];
        }

        return before.Parts.IsDefault ? [] : [before.Policy];
    }

    private void Count(string part, PolicyId policy, int by)
    {
        if (!_ofPart.TryGetValue(part, out var policies))
        {
            _ofPart.Add(part, policies = []);
        }

        var count = policies.GetValueOrDefault(policy) + by;
        if (count > 0)
        {
            policies[policy] = count;
        }
        else if (policies.Remove(policy) && policies.Count == 0)
        {
            _ofPart.Remove(part);
        }
    }
}
