using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>The shared sets of one family, each with the number of rules that name it: a set goes with the last of them.</summary>
internal sealed class SharedSets
{
    public static readonly SharedSets Empty = new(PersistentDictionary<string, Entry>.Empty);

    private readonly PersistentDictionary<string, Entry> _entries;

    private SharedSets(PersistentDictionary<string, Entry> entries) => _entries = entries;

    /// <param name="changed">Takes the names of the sets that came, went or changed.</param>
    /// <param name="groups">The groups whose members changed.</param>
    public SharedSets With(
        IEnumerable<SharedSet> added, IEnumerable<SharedSet> removed, IEnumerable<string> groups, IpFamily family, ISet<string> changed)
    {
        var entries = _entries.ToBuilder();
        foreach (var use in added)
        {
            Count(use, 1);
        }

        foreach (var use in removed)
        {
            Count(use, -1);
        }

        foreach (var group in groups)
        {
            Refill(SharedSet.OfGroup(family, group));
            Refill(SharedSet.OfGroupPorts(family, group));
        }

        return new SharedSets(entries.ToDictionary());

        void Count(SharedSet set, int change)
        {
            var name = set.Name;
            var entry = entries.TryGetValue(name, out var there) ? there : new Entry(set, 0);
            var next = entry with { Uses = entry.Uses + change };
            if (next.Uses == 0)
            {
                entries.Remove(name);
            }
            else
            {
                entries.Set(name, next);
            }

            if (next.Uses == 0 || entry.Uses == 0)
            {
                changed.Add(name);
            }
        }

        void Refill(SharedSet set)
        {
            if (entries.TryGetValue(set.Name, out _))
            {
                changed.Add(set.Name);
            }
        }
    }

    /// <summary>Null when no rule names it.</summary>
    public KernelSet? Find(string name, NodeState state, IpFamily family)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            return null;
        }

        var members = entry.Set.Members(state, family);
        return new KernelSet(name, entry.Set.Type, family, members) { MaxMembers = KernelSet.RoomFor(members.Count) };
    }

    private sealed record Entry(SharedSet Set, int Uses);
}
