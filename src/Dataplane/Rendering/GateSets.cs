using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>The sets of one family that say which addresses are known here. They follow the ones before them, so that one endpoint more is one member.</summary>
internal sealed class GateSets(IpFamily family, ImmutableDictionary<string, KernelSet> before)
{
    private readonly Dictionary<string, KernelSet> _sets = new(StringComparer.Ordinal);

    public ImmutableDictionary<string, KernelSet> Sets => _sets.ToImmutableDictionary();

    public string Put(string kind, SetType type, IEnumerable<SetMember> members, bool isGate = true)
    {
        var name = KernelNames.Set(family, kind);
        if (!_sets.ContainsKey(name))
        {
            var wanted = members.ToHashSet();
            var there = before.TryGetValue(name, out var known) ? known.Members : MemberSet.Empty;
            _sets[name] = new KernelSet(name, type, family, there.With(wanted, there.Where(m => !wanted.Contains(m)).ToArray()), isGate)
            {
                MaxMembers = KernelSet.RoomFor(wanted.Count),
            };
        }

        return name;
    }
}
