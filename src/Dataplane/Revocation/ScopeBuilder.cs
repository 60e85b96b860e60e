using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Revocation;

/// <summary>
/// Finds the scope of a change. What matters is at endpoints with a cutting policy, before or after. Where only members of groups differ, the members
/// that came or went are the scope, or, where these are wider than an address, the endpoints whose rules name the group; where an endpoint's rules
/// differ, the endpoint is.
/// </summary>
internal sealed class ScopeBuilder(CuttingProfiles before, CuttingProfiles after)
{
    // More would be looked for one by one in any case: then a look at everything is cheaper.
    private const int MostAddresses = 256;

    private readonly NodeState _a = before.State;
    private readonly NodeState _b = after.State;
    private readonly PersistentDictionary<string, Group>.Difference[] _groups =
        [.. PersistentDictionary.Between(before.State.Groups, after.State.Groups)];

    private readonly HashSet<Address> _sources = [];
    private readonly HashSet<Address> _destinations = [];

    // Changed groups whose members are not addresses: the endpoints that ask for them are the scope.
    private readonly HashSet<string> _wideGroups = [];

    public RevocationScope Build()
    {
        var left = _a.Bindings == _b.Bindings ? [] : Left();
        if (before.Profiles.IsEmpty && after.Profiles.IsEmpty)
        {
            return left.IsEmpty ? RevocationScope.Empty : RevocationScope.Empty with { Left = left };
        }

        AddMembers();
        AddEndpoints();
        return _sources.Count + _destinations.Count > MostAddresses
            ? new RevocationScope(left, [], [], true)
            : new RevocationScope(left, [.. _sources], [.. _destinations], false);
    }

    /// <summary>
    /// The addresses that an endpoint had and has no more; another one may have it at once, and must not inherit. Labels, profile and interface of an
    /// endpoint are not looked at.
    /// </summary>
    private ImmutableHashSet<Address> Left()
    {
        var stay = _b.Bindings.SelectMany(b => b.Addresses.Select(a => (b.Endpoint, a))).ToHashSet();
        return [.. _a.Bindings.SelectMany(b => b.Addresses.Where(a => !stay.Contains((b.Endpoint, a))))];
    }

    private void AddMembers()
    {
        if (_groups.Length == 0)
        {
            return;
        }

        var uses = new GroupUses(before, after);
        foreach (var change in _groups.Where(c => c is { WasThere: true, IsThere: true }))
        {
            var (name, group, next) = (change.Key, change.Before!, change.After!);
            foreach (var family in (ReadOnlySpan<IpFamily>)[IpFamily.V4, IpFamily.V6])
            {
                Add(name, MemberSet.Between(group.Blocks(family), next.Blocks(family)), uses, ports: false);
                Add(name, MemberSet.Between(group.Ports(family), next.Ports(family)), uses, ports: true);
            }
        }
    }

    private void Add(string group, MemberChange change, GroupUses uses, bool ports)
    {
        Add(group, change.Removed, uses.Of(group, whenAdded: false, ports));
        Add(group, change.Added, uses.Of(group, whenAdded: true, ports));
    }

    private void Add(string group, ImmutableArray<SetMember> members, GroupSides sides)
    {
        if (members.IsDefaultOrEmpty || sides == GroupSides.None)
        {
            return;
        }

        if (members.Length > MostAddresses || members.Any(m => !m.Net.IsHost))
        {
            _wideGroups.Add(group);
            return;
        }

        foreach (var member in members)
        {
            if (sides.HasFlag(GroupSides.Source))
            {
                _sources.Add(member.Net.Base);
            }

            if (sides.HasFlag(GroupSides.Destination))
            {
                _destinations.Add(member.Net.Base);
            }
        }
    }

    /// <summary>The endpoints whose own rules differ.</summary>
    private void AddEndpoints()
    {
        var sameNode = _a.NodeAddresses == _b.NodeAddresses || _a.NodeAddresses.SequenceEqual(_b.NodeAddresses);
        var sameBindings = _a.Bindings == _b.Bindings;
        var changed = ChangedProfiles(sameNode);
        if (sameBindings && changed.Count == 0)
        {
            return;
        }

        // By address: a second endpoint that claims one changes what is said of it as well.
        var (then, now) = (ProfilesByAddress(_a), sameBindings ? null : ProfilesByAddress(_b));
        foreach (var address in now is null ? then.Keys : then.Keys.Union(now.Keys))
        {
            var (was, @is) = (then.GetValueOrDefault(address, []), now is null ? then[address] : now.GetValueOrDefault(address, []));
            var cuts = was.Any(before.Profiles.Contains) || @is.Any(after.Profiles.Contains);
            if (cuts && (!was.SequenceEqual(@is) || was.Any(changed.Contains)))
            {
                _sources.Add(address);
                _destinations.Add(address);
            }
        }
    }

    /// <summary>The cutting profiles that say something else, by their own words, their rules', or those of a wide group.</summary>
    private HashSet<string> ChangedProfiles(bool sameNode)
    {
        var cutting = before.Profiles.Union(after.Profiles);
        if (!sameNode)
        {
            return [.. cutting];
        }

        var appeared = _groups.Where(c => !c.WasThere || !c.IsThere).Select(c => c.Key).ToHashSet();
        if (ReferenceEquals(_a.Profiles, _b.Profiles) && ReferenceEquals(_a.Rules, _b.Rules) && appeared.Count == 0 && _wideGroups.Count == 0)
        {
            return [];
        }

        appeared.UnionWith(_wideGroups);
        return [.. cutting.Where(p => !_a.Profiles.TryGetValue(p, out var was) || !_b.Profiles.TryGetValue(p, out var now) || !was.Equals(now) ||
            now.Policies.Any(e => !Same(e.Rules) || (appeared.Count > 0 && Names(_b.Rules.GetValueOrDefault(e.Rules), appeared))))];
    }

    private bool Same(string rules) => ReferenceEquals(_a.Rules.GetValueOrDefault(rules), _b.Rules.GetValueOrDefault(rules));

    private static bool Names(PolicyRules? rules, HashSet<string> groups) => rules is not null && rules.Ingress.Concat(rules.Egress)
        .SelectMany(r => r.Matches)
        .Any(m => (m.DestinationPorts is { } ports && groups.Contains(ports)) || m.Peers.Any(p => p is Peer.Group g && groups.Contains(g.Name)));

    private static Dictionary<Address, ImmutableArray<string>> ProfilesByAddress(NodeState state) => state.Bindings
        .SelectMany(b => b.Addresses.Select(a => (Address: a, b.Profile)))
        .GroupBy(b => b.Address, b => b.Profile)
        .ToDictionary(g => g.Key, g => g.Order(StringComparer.Ordinal).ToImmutableArray());
}
