using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The chains that lead to those of the profiles, and the sets that say who is known: made from the endpoints' addresses, the node's links and from where each
/// profile's packets go, and from nothing else, so that a change of policies leaves them alone.
/// </summary>
internal sealed record Dispatch(
    LocalEndpoints Locals,
    ImmutableDictionary<string, (string? Egress, string? Ingress)> Targets,
    HostTargets Host,
    Links Links,
    ImmutableDictionary<string, ImmutableArray<string>> Chains,
    ImmutableArray<Hook> Hooks,
    ImmutableDictionary<string, KernelSet> Gates)
{
    public static readonly Dispatch None = new(
        LocalEndpoints.None,
        ImmutableDictionary<string, (string?, string?)>.Empty,
        default,
        Links.None,
        ImmutableDictionary<string, ImmutableArray<string>>.Empty,
        [],
        ImmutableDictionary<string, KernelSet>.Empty);

    /// <param name="target">Where the packets of a profile's endpoints go; null: they are not judged.</param>
    /// <param name="there">Chains as they were: one that stays the same keeps its instance.</param>
    public Dispatch Next(
        LocalEndpoints locals,
        Func<string?, (string? Egress, string? Ingress)> target,
        NodeState state,
        IpFamily family,
        RenderOptions options,
        IReadOnlyDictionary<string, ImmutableArray<string>> there)
    {
        var targets = locals.Profiles.ToImmutableDictionary(p => p, p => target(p));
        var node = state.NodeProfile is { } own ? target(own) : default;
        var host = new HostTargets(Received: node.Ingress, Sent: node.Egress);
        if (!Chains.IsEmpty && ReferenceEquals(locals, Locals) && host == Host && state.Links == Links &&
            targets.All(t => Targets.TryGetValue(t.Key, out var old) && old == t.Value))
        {
            return this;
        }

        var chains = new Dictionary<string, ImmutableArray<string>>();
        Write(Direction.Egress, KernelNames.Egress);
        Write(Direction.Ingress, KernelNames.Ingress);
        var gates = new GateSets(family, Gates);
        var hooks = new HookChains(family, options, state.Links, host, gates, locals.Addresses, chains).Write();
        return new Dispatch(
            locals,
            targets,
            host,
            state.Links,
            chains.ToImmutableDictionary(c => c.Key, c => there.TryGetValue(c.Key, out var old) && old.SequenceEqual(c.Value) ? old : c.Value),
            hooks,
            gates.Sets);

        void Write(Direction direction, string root)
        {
            var leaves = locals.Addresses.Select(l => (Local: l, Chain: ChainOf(l.Profile is { } profile ? targets[profile] : target(null))))
                .Where(l => l.Chain is not null).Select(l => new Leaf(l.Local.Address, LeafRules(l.Local, l.Chain!, direction)));
            new DispatchTree(family, direction, direction == Direction.Ingress ? "DI" : "DE", chains).Write(root, OwnNode(state, family, direction), leaves);

            string? ChainOf((string? Egress, string? Ingress) both) => direction == Direction.Egress ? both.Egress : both.Ingress;
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
}
