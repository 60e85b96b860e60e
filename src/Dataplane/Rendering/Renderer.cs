using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>A state and what the kernel is to hold for it.</summary>
public sealed record Rendering(NodeState State, RenderOptions Options, KernelState Kernel);

/// <summary>
/// What a node is told → what its kernel is to hold: the same for the same state, whatever was there before. Layout: docs/dataplane.md.
/// </summary>
public static class Renderer
{
    /// <param name="previous">A rendering to start from. Where only members of groups differ, rules are not looked at.</param>
    public static Rendering Render(NodeState state, RenderOptions options, Rendering? previous = null)
    {
        if (previous is not null && previous.Options == options && DiffersInMembersOnly(previous.State, state))
        {
            return new Rendering(state, options, WithMembers(previous, state));
        }

        var sets = ImmutableSortedDictionary.CreateBuilder<string, KernelSet>(StringComparer.Ordinal);
        var v4 = Render(state, options, IpFamily.V4, sets);
        var v6 = Render(state, options, IpFamily.V6, sets);
        return new Rendering(state, options, new KernelState(sets.ToImmutable(), v4, v6));
    }

    private static RuleTable Render(NodeState state, RenderOptions options, IpFamily family, ImmutableSortedDictionary<string, KernelSet>.Builder sets)
    {
        var chains = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        var shelf = new SetShelf(family, state);
        var locals = LocalEndpoints.Of(state, family);
        Dispatch(Direction.Egress, KernelNames.Egress);
        Dispatch(Direction.Ingress, KernelNames.Ingress);
        var hooks = new HookChains(family, options, state, shelf, locals, chains).Write();
        foreach (var set in shelf.Sets)
        {
            sets[set.Name] = set;
        }

        return new RuleTable(chains.ToImmutable(), hooks);

        void Dispatch(Direction direction, string root)
        {
            var profiles = new ProfileChains(family, direction, state, shelf, options, chains);
            var leaves = locals.Select(l => (Local: l, Chain: profiles.For(l.Profile))).Where(l => l.Chain is not null)
                .Select(l => new Leaf(l.Local.Address, LeafRules(l.Local, l.Chain!, direction)));
            new DispatchTree(family, direction, direction == Direction.Ingress ? "DI" : "DE", chains).Write(root, OwnNode(state, family, direction), leaves);
        }
    }

    /// <summary>Flows with the endpoint's own node are not judged.</summary>
    private static IEnumerable<string> OwnNode(NodeState state, IpFamily family, Direction direction) =>
        state.NodeAddresses.Where(a => a.Family == family).Distinct().Order().Select(a => Toward(direction, Cidr.Host(a)).Return());

    /// <summary>An endpoint may reach itself (through a service's address it meets its own in FORWARD); all else is judged.</summary>
    private static ImmutableArray<string> LeafRules(LocalAddress local, string chain, Direction direction) =>
    [
        .. local.Own.Select(own => direction == Direction.Egress
            ? new RuleText { Source = Cidr.Host(local.Address), Destination = Cidr.Host(own) }.Return()
            : new RuleText { Source = Cidr.Host(own), Destination = Cidr.Host(local.Address) }.Return()),
        (direction == Direction.Egress
            ? new RuleText { Source = Cidr.Host(local.Address) }
            : new RuleText { Destination = Cidr.Host(local.Address) }).Goto(chain),
    ];

    private static RuleText Toward(Direction direction, Cidr other) =>
        direction == Direction.Egress ? new RuleText { Destination = other } : new RuleText { Source = other };

    private static bool DiffersInMembersOnly(NodeState before, NodeState after) =>
        before.NodeAddresses == after.NodeAddresses && before.NodeProfile == after.NodeProfile && before.Links == after.Links &&
        before.Bindings == after.Bindings && ReferenceEquals(before.Profiles, after.Profiles) &&
        ReferenceEquals(before.Rules, after.Rules) && before.Groups.Count == after.Groups.Count && before.Groups.Keys.All(after.Groups.ContainsKey);

    private static KernelState WithMembers(Rendering previous, NodeState state)
    {
        var sets = previous.Kernel.Sets.ToBuilder();
        foreach (var (name, group) in state.Groups)
        {
            var before = previous.State.Groups[name];
            if (ReferenceEquals(before, group))
            {
                continue;
            }

            foreach (var family in (ReadOnlySpan<IpFamily>)[IpFamily.V4, IpFamily.V6])
            {
                Replace(KernelNames.Set(family, "g", name), group.Blocks(family));
                Replace(KernelNames.Set(family, "p", name), group.Ports(family));
            }
        }

        return previous.Kernel with { Sets = sets.ToImmutable() };

        void Replace(string set, MemberSet members)
        {
            if (sets.TryGetValue(set, out var there))
            {
                sets[set] = there with { Members = KernelBlocks.OfMembers(members) };
            }
        }
    }
}
