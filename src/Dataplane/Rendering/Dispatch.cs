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
        var gates = new GateSets(family, Gates);
        var gate = new Gate(gates, locals.Addresses, state.Links);
        var checks = new SourceChecks(family, options, state.Links, gate, locals.Addresses, chains);
        Write(DirectionLeaves.Egress(family, options, gate, checks, chains), l => l.Egress, KernelNames.Egress, "DE");
        Write(DirectionLeaves.Ingress(family, options, gate, checks, chains), l => l.Ingress, KernelNames.Ingress, "DI");
        var hooks = new HookChains(family, options, host, gate, checks, locals.Addresses, chains).Write();
        return new Dispatch(
            locals,
            targets,
            host,
            state.Links,
            chains.ToImmutableDictionary(c => c.Key, c => there.TryGetValue(c.Key, out var old) && old.SequenceEqual(c.Value) ? old : c.Value),
            hooks,
            gates.Sets);

        void Write(DirectionLeaves leaves, Func<(string? Egress, string? Ingress), string?> chainOf, string root, string kind) =>
            new DispatchTree(family, leaves.Direction, kind, chains).Write(
                root,
                leaves.OwnNode(state),
                locals.Addresses.Select(l => (Local: l, Chain: chainOf(l.Profile is { } profile ? targets[profile] : target(null))))
                    .Where(l => l.Chain is not null).Select(l => leaves.Of(l.Local, l.Chain!)),
                leaves.Ends);
    }
}
