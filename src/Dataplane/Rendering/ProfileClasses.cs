using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// Which profiles share their chains in one direction: those with the same policies in force, the same posture, and the same numbers for the names of
/// ports that any rule on this node asks for. A class has the name of its first profile: it keeps it while policies come and go, and it does not depend
/// on the way there.
/// </summary>
internal sealed class ProfileClasses
{
    private readonly Direction _direction;
    private readonly PersistentDictionary<string, Key> _keys;

    // Profiles whose keys are equal and whose lists of policies are not are different classes of one key.
    private readonly PersistentDictionary<Key, ImmutableArray<ImmutableSortedSet<string>>> _classes;

    private ProfileClasses(
        Direction direction, PersistentDictionary<string, Key> keys, PersistentDictionary<Key, ImmutableArray<ImmutableSortedSet<string>>> classes)
    {
        (_direction, _keys, _classes) = (direction, keys, classes);
    }

    public static ProfileClasses Empty(Direction direction) => new(
        direction, PersistentDictionary<string, Key>.Empty, PersistentDictionary<Key, ImmutableArray<ImmutableSortedSet<string>>>.Empty);

    /// <summary>Null for a profile that is not held.</summary>
    public string? NameOf(string profile) => !_keys.TryGetValue(profile, out var key) ? null : _classes[key].Single(c => c.Contains(profile)).Min;

    /// <param name="changed">Profiles that differ between the two states, or whose named ports are read otherwise.</param>
    /// <param name="isAsked">Whether a rule asks for the port's name.</param>
    public ProfileClasses Next(IReadOnlyCollection<string> changed, NodeState before, NodeState after, Func<string, bool> isAsked, ListDifferences lists)
    {
        if (changed.Count == 0)
        {
            return this;
        }

        var keys = _keys.ToBuilder();
        var classes = _classes.ToBuilder();
        foreach (var name in changed)
        {
            if (keys.TryGetValue(name, out var key))
            {
                Leave(classes, key, name);
            }
        }

        foreach (var name in changed.Order(StringComparer.Ordinal))
        {
            if (!after.Profiles.TryGetValue(name, out var profile))
            {
                keys.Remove(name);
                continue;
            }

            var old = before.Profiles.TryGetValue(name, out var there) && keys.TryGetValue(name, out var was) ? (Profile: there, Key: was) : (Profile.Open, default);
            var key = KeyOf(profile, old.Profile, old.Key, isAsked, lists);
            keys.Set(name, key);
            Join(classes, key, name, profile, after, lists);
        }

        return new ProfileClasses(_direction, keys.ToDictionary(), classes.ToDictionary());
    }

    /// <summary>The named ports that a rule may ask for, in a fixed order.</summary>
    public static ImmutableArray<NamedPort> Used(Profile profile, Func<string, bool> isAsked) => profile.NamedPorts.IsEmpty ? [] :
    [
        .. profile.NamedPorts.Where(n => isAsked(n.Name))
            .OrderBy(n => n.Name, StringComparer.Ordinal).ThenBy(n => n.Protocol).ThenBy(n => n.Port),
    ];

    private Key KeyOf(Profile profile, Profile before, Key known, Func<string, bool> isAsked, ListDifferences lists)
    {
        var (removed, added) = lists.Between(before.Policies, profile.Policies);
        var (sum, count) = (known.Sum, known.Count);
        foreach (var policy in PolicyList.InForce(added, _direction))
        {
            (sum, count) = (sum + Hash(policy), count + 1);
        }

        foreach (var policy in PolicyList.InForce(removed, _direction))
        {
            (sum, count) = (sum - Hash(policy), count - 1);
        }

        var open = _direction == Direction.Ingress ? profile.AllowsIngressByDefault : profile.AllowsEgressByDefault;
        var used = Used(profile, isAsked).Select(n => string.Create(CultureInfo.InvariantCulture, $"{n.Name} {n.Protocol} {n.Port}"));
        return new Key(sum, count, open, string.Join('\n', used));
    }

    private static ulong Hash(PolicyInForce policy) => unchecked((uint)policy.GetHashCode() * 0x9e3779b97f4a7c15ul);

    private static void Leave(PersistentDictionary<Key, ImmutableArray<ImmutableSortedSet<string>>>.Builder classes, Key key, string name)
    {
        var left = classes.TryGetValue(key, out var there) ? there.Select(c => c.Remove(name)).Where(c => !c.IsEmpty).ToImmutableArray() : [];
        if (left.IsEmpty)
        {
            classes.Remove(key);
        }
        else
        {
            classes.Set(key, left);
        }
    }

    private void Join(
        PersistentDictionary<Key, ImmutableArray<ImmutableSortedSet<string>>>.Builder classes, Key key, string name, Profile profile, NodeState state,
        ListDifferences lists)
    {
        var there = classes.TryGetValue(key, out var known) ? known : [];
        var same = there.FirstOrDefault(c => ArePoliciesEqual(state.Profiles[c.Min!], profile, lists));
        classes.Set(key, same is null
            ? there.Add(ImmutableSortedSet.Create(StringComparer.Ordinal, name))
            : there.Replace(same, same.Add(name)));
    }

    private bool ArePoliciesEqual(Profile one, Profile other, ListDifferences lists)
    {
        var (removed, added) = lists.Between(one.Policies, other.Policies);
        return !PolicyList.InForce(removed, _direction).Any() && !PolicyList.InForce(added, _direction).Any();
    }

    /// <summary>Profiles of one class have equal keys. <paramref name="Sum"/>: of the hash codes of <paramref name="Count"/> policies.</summary>
    private readonly record struct Key(ulong Sum, int Count, bool Open, string Named);
}
