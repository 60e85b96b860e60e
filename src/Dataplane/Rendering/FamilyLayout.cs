using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>Everything of one family that a later rendering starts from: the rules, and the parts that they and the sets are made of.</summary>
internal sealed record FamilyLayout(
    IpFamily Family,
    LocalEndpoints Locals,
    PersistentDictionary<ChainKey, ProfileChain> Chains,
    SharedSets Shared,
    Dispatch Dispatch,
    RuleTable Rules,
    ImmutableDictionary<string, ImmutableArray<RuleOrigin?>> Origins)
{
    public static FamilyLayout Empty(IpFamily family) => new(
        family,
        LocalEndpoints.None,
        PersistentDictionary<ChainKey, ProfileChain>.Empty,
        SharedSets.Empty,
        Dispatch.None,
        RuleTable.Empty,
        ImmutableDictionary<string, ImmutableArray<RuleOrigin?>>.Empty);

    /// <param name="sets">Both families' sets, brought from what they were to what they are.</param>
    public FamilyLayout Next(LayoutChange change, ImmutableSortedDictionary<string, KernelSet>.Builder sets)
    {
        var locals = change.Before.Bindings == change.After.Bindings && !change.IsFirst ? Locals : LocalEndpoints.Of(change.After, Family);
        var judged = change.After.NodeProfile is { } own ? locals.Profiles.Add(own) : locals.Profiles;
        var wanted = new HashSet<ChainKey>();
        foreach (var direction in (ReadOnlySpan<Direction>)[Direction.Egress, Direction.Ingress])
        {
            wanted.UnionWith(judged.Select(p => change.Classes(direction).NameOf(p)).OfType<string>().Select(c => new ChainKey(direction, c)));
        }

        var chains = Chains.ToBuilder();
        foreach (var key in Chains.Keys.Where(k => !wanted.Contains(k)))
        {
            chains.Remove(key);
        }

        foreach (var key in wanted)
        {
            chains.Set(key, change.Chain(Family, key, Chains.TryGetValue(key, out var known) ? known : null));
        }

        var next = chains.ToDictionary();
        var dispatch = Dispatch.Next(locals, profile => Target(next, change, profile), change.After, Family, change.Options, Rules.Chains);
        return Put(next, locals, dispatch, change, sets);
    }

    private static (string? Egress, string? Ingress) Target(PersistentDictionary<ChainKey, ProfileChain> chains, LayoutChange change, string? profile)
    {
        return (Of(Direction.Egress), Of(Direction.Ingress));

        string? Of(Direction direction) => profile is not null && change.Classes(direction).NameOf(profile) is { } name
            ? chains[new ChainKey(direction, name)].Target
            : KernelNames.Deny;
    }

    private FamilyLayout Put(
        PersistentDictionary<ChainKey, ProfileChain> chains, LocalEndpoints locals, Dispatch dispatch, LayoutChange change,
        ImmutableSortedDictionary<string, KernelSet>.Builder sets)
    {
        var rules = Rules.Chains.ToBuilder();
        var origins = Origins.ToBuilder();
        var (comes, goes) = (new List<SharedSet>(), new List<SharedSet>());
        var differences = PersistentDictionary.Between(Chains, chains).ToArray();
        foreach (var (_, _, before, _, after) in differences)
        {
            goes.AddRange(before?.Uses ?? []);
            comes.AddRange(after?.Uses ?? []);
            foreach (var name in before is null || before.Chains == after?.Chains ? [] : before.Chains.Select(c => c.Name))
            {
                rules.Remove(name);
                origins.Remove(name);
            }

            Drop(sets, before, after);
        }

        foreach (var (_, _, before, _, after) in differences)
        {
            foreach (var chain in after is null || before?.Chains == after.Chains ? [] : after.Chains)
            {
                rules[chain.Name] = Rules.Chains.TryGetValue(chain.Name, out var there) && there.SequenceEqual(chain.Rules) ? there : chain.Rules;
                origins[chain.Name] = chain.Origins;
            }
        }

        var changed = new HashSet<string>();
        var shared = Shared.With(comes, goes, change.Groups, Family, changed);
        foreach (var name in changed)
        {
            Set(sets, name, shared.Find(name, change.After, Family));
        }

        if (!ReferenceEquals(dispatch, Dispatch))
        {
            rules.RemoveRange(Dispatch.Chains.Keys.Where(name => !dispatch.Chains.ContainsKey(name)));
            foreach (var (name, text) in dispatch.Chains)
            {
                rules[name] = text;
            }

            foreach (var name in Dispatch.Gates.Keys.Concat(dispatch.Gates.Keys).Distinct())
            {
                Set(sets, name, dispatch.Gates.GetValueOrDefault(name));
            }
        }

        var table = rules.ToImmutable();
        return new FamilyLayout(
            Family,
            locals,
            chains,
            shared,
            dispatch,
            ReferenceEquals(table, Rules.Chains) ? Rules : new RuleTable(table, dispatch.Hooks),
            origins.ToImmutable());
    }

    private static void Drop(ImmutableSortedDictionary<string, KernelSet>.Builder sets, ProfileChain? before, ProfileChain? after)
    {
        var old = before?.Sets ?? [];
        var now = after?.Sets ?? [];
        for (var i = 0; i < Math.Max(old.Length, now.Length); i++)
        {
            var none = PersistentDictionary<string, KernelSet>.Empty;
            foreach (var set in PersistentDictionary.Between(i < old.Length ? old[i] : none, i < now.Length ? now[i] : none))
            {
                Set(sets, set.Key, set.After);
            }
        }
    }

    private static void Set(ImmutableSortedDictionary<string, KernelSet>.Builder sets, string name, KernelSet? set)
    {
        if (set is null)
        {
            sets.Remove(name);
        }
        else
        {
            sets[name] = set;
        }
    }
}

/// <summary>One direction of a class of profiles.</summary>
internal readonly record struct ChainKey(Direction Direction, string Class);
