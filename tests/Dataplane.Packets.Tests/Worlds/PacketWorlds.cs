using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Dataplane.Packets.Tests.Worlds;

/// <summary>
/// Random worlds whose packets pass one node. They are the worlds of the plain tests, with most endpoints on that node, rougher services and blocks, and,
/// in half of them, one tenant with so many policies that a node merges them.
/// </summary>
internal static class PacketWorlds
{
    public static readonly NodeName Node = new("n1");

    /// <summary>The interface of every endpoint that a world may have.</summary>
    public static readonly ImmutableArray<string> Links =
        [.. Vocabulary.Tenants.SelectMany(t => Vocabulary.Endpoints.Select(e => LinkOf(new EndpointId(t, e))))];

    /// <summary>How many policies a crowded tenant gets on top.</summary>
    private const int Crowd = 24;

    public static string LinkOf(EndpointId id) => $"veth-{id.Tenant}-{id.Name}";

    /// <summary>A world in which the node has endpoints.</summary>
    public static ClusterState Make(Dice dice)
    {
        ClusterState world;
        do
        {
            world = MakeAny(dice);
        }
        while (NodeFlows.Locals(world).Count == 0);
        return world;
    }

    private static ClusterState MakeAny(Dice dice)
    {
        var world = dice.Of(WorldGens.Worlds);
        foreach (var endpoint in world.Endpoints.Values)
        {
            world = new ClusterChange.PutEndpoint(Placed(endpoint, dice)).Apply(world);
        }

        foreach (var policy in world.Policies.Values)
        {
            world = new ClusterChange.PutPolicy(RoughPolicies.Roughen(policy, dice)).Apply(world);
        }

        return dice.OneIn(2) ? WithCrowd(world, dice.Of(Vocabulary.Tenants), 4 + dice.Below(Crowd), dice) : world;
    }

    /// <summary>The world after one to a dozen changes, or a change that moves much at once.</summary>
    public static ClusterState Change(ClusterState world, Dice dice) => dice.Below(9) switch
    {
        0 => WithCrowd(world, dice.Of(Vocabulary.Tenants), 1 + dice.Below(Crowd), dice),
        1 => WithoutCrowd(world),
        2 => Relabelled(world, dice),
        3 => WithNetworkSet(world, dice),
        4 => Repoliced(world, dice),
        5 => Changed(world, 5 + dice.Below(10), dice),
        _ => Changed(world, 1, dice),
    };

    /// <summary>A generated endpoint as it is here: on the node, three times of four; now and then behind an interface that nobody knows.</summary>
    public static Endpoint Placed(Endpoint endpoint, Dice dice) => endpoint.HostNetwork ? endpoint : endpoint with
    {
        Node = dice.OneIn(4) ? endpoint.Node : Node,
        Interface = dice.OneIn(8) ? null : endpoint.Interface,
    };

    /// <summary>The same endpoints where they are, and every policy, network set and segment another.</summary>
    public static ClusterState Repoliced(ClusterState world, Dice dice)
    {
        var other = Make(dice);
        return world with
        {
            Policies = other.Policies,
            NetworkSets = other.NetworkSets,
            Segments = other.Segments,
            // A tenant that goes takes its endpoints along.
            Tenants = world.Tenants.SetItems(other.Tenants),
        };
    }

    private static ClusterState Changed(ClusterState world, int count, Dice dice)
    {
        var changes = Enumerable.Range(0, count).Select(_ => dice.Of(WorldGens.Changes)).Select(change => change switch
        {
            ClusterChange.PutEndpoint put => new ClusterChange.PutEndpoint(Placed(put.Endpoint, dice)),
            ClusterChange.PutPolicy put => new ClusterChange.PutPolicy(RoughPolicies.Roughen(put.Policy, dice)),
            _ => change,
        });
        return History.Of(world, changes).States().Last();
    }

    private static ClusterState WithCrowd(ClusterState world, TenantName tenant, int count, Dice dice)
    {
        for (var number = 0; number < count; number++)
        {
            var policy = RoughPolicies.Roughen(dice.Of(PolicyGens.TenantPolicies), dice);
            var subject = dice.OneIn(3) ? policy.Subject : All;
            world = new ClusterChange.PutPolicy(policy with { Id = new PolicyId(tenant, $"q{number}"), Subject = subject }).Apply(world);
        }

        return world;
    }

    private static readonly ImmutableArray<EndpointSelector> All = [new(TenantScope.Same.Instance, new EndpointQuery(Selector.All))];

    private static ClusterState WithoutCrowd(ClusterState world) =>
        world with { Policies = world.Policies.RemoveRange(world.Policies.Keys.Where(id => id.Name.StartsWith('q'))) };

    /// <summary>Many members of many groups at once.</summary>
    private static ClusterState Relabelled(ClusterState world, Dice dice) => world with
    {
        Endpoints = world.Endpoints.ToImmutableSortedDictionary(
            e => e.Key, e => dice.OneIn(2) ? e.Value : e.Value with { Labels = dice.Of(SelectorGens.Labels) }),
    };

    /// <summary>A set of thousands of members in place of a few, or the other way round.</summary>
    private static ClusterState WithNetworkSet(ClusterState world, Dice dice)
    {
        var blocks = dice.OneIn(2)
            ? dice.Of(ObjectGens.NetworkSets).Cidrs
            : [.. Enumerable.Range(0, 500 + dice.Below(3000)).Select(_ => RoughPolicies.Block(dice)).Where(b => b.Length > 8).Distinct().Order()];
        return new ClusterChange.PutNetworkSet(new NetworkSet(dice.Of(Vocabulary.NetworkSets), blocks)).Apply(world);
    }
}
