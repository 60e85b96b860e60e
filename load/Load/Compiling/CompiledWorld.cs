using System.Collections.Immutable;
using System.Diagnostics;
using Vallum.Cluster.Compiled;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Silo.Distribution;
using Vallum.Silo.Distribution.Content;
using Vallum.Silo.Distribution.Hub;
using Vallum.Silo.Distribution.Sessions;

namespace Vallum.Load.Compiling;

/// <summary>
/// What the product makes of a world between the storage and the streams: every tenant's compiler, what it answers encoded, and one silo's hub, which
/// serves all nodes. Tenants work side by side, as grains do; the hub takes one answer at a time, as it does under its lock.
/// </summary>
internal sealed class CompiledWorld
{
    private const string Hub = "silo";

    private readonly HubState _hub = new(TimeProvider.System, TimeSpan.FromSeconds(2));
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CompiledTenant> _tenants;
    private readonly Dictionary<string, TenantState> _asked = [];
    private readonly List<ServedNode> _nodes = [];

    /// <param name="tenantsAt">By node: the tenants that may have endpoints there.</param>
    public CompiledWorld(IEnumerable<Node> nodes, IReadOnlyCollection<Tenant> tenants, ILookup<string, string> tenantsAt)
    {
        _tenants = tenants.ToDictionary(tenant => tenant.Name.Value, tenant => new CompiledTenant(tenant.Name));
        View = new ClusterSnapshot(
            1,
            tenants.ToImmutableDictionary(tenant => tenant.Name, tenant => tenant.Labels),
            nodes.ToImmutableDictionary(node => node.Name),
            ImmutableDictionary<NetworkSetName, NetworkSet>.Empty,
            ImmutableDictionary<PolicyId, Policy>.Empty);
        _hub.SetView(View);
        foreach (var node in View.Nodes.Keys)
        {
            var served = _hub.Serve(node.Value, new AsyncSignal(TimeProvider.System), new HeldResources());
            _hub.SetTenants(served, tenantsAt[node.Value]);
            _nodes.Add(served);
        }
    }

    public ClusterSnapshot View { get; private set; }

    public PhaseTimes Times { get; } = new();

    public int Resources => _hub.Resources;

    /// <summary>From nothing.</summary>
    public void Load(IReadOnlyDictionary<string, TenantInput[]> inputs)
    {
        Answer(_hub.TakeAttention(), inputs);
        Settle();
    }

    /// <summary>Asks tenants for parts that others' policies name, until nobody wants more.</summary>
    public void Settle()
    {
        while (_hub.TakeAttention() is { Count: > 0 } asked)
        {
            Answer(asked, ImmutableDictionary<string, TenantInput[]>.Empty);
        }

        _hub.Publish();
        if (_hub.Waiting > 0)
        {
            throw new InvalidOperationException($"{_hub.Waiting} tenants' answers wait for ever");
        }
    }

    /// <summary>One tenant's objects change.</summary>
    public ChangeTimes Change(TenantName tenant, TenantInput[] inputs)
    {
        var compiled = _tenants[tenant.Value];
        var start = Stopwatch.GetTimestamp();
        var deltas = compiled.Apply(inputs);
        var known = Stopwatch.GetElapsedTime(start);
        var published = Stopwatch.GetTimestamp();
        if (_asked.TryGetValue(tenant.Value, out var state))
        {
            var request = state.Request(Hub, TimeSpan.Zero);
            compiled.Learn(request);
            _hub.Receive(state, request, compiled.Reply(deltas, request));
        }

        Settle();
        return new ChangeTimes(known, Stopwatch.GetElapsedTime(published), deltas.Length);
    }

    /// <summary>The directory of tenants says something else.</summary>
    public void SetTenants(ImmutableDictionary<TenantName, LabelSet> tenants)
    {
        View = View with { Revision = View.Revision + 1, Tenants = tenants };
        _hub.SetView(View);
        Settle();
    }

    /// <summary>What each node should hold: its name, how many resources, and the digest over all of them.</summary>
    public IEnumerable<NodeDesire> Desires() => _nodes.Select(node =>
    {
        var wanted = _hub.Wanted(node);
        return new NodeDesire(
            node.Node, wanted.Count, wanted.Aggregate(Digest.Empty, (sum, one) => sum + ContentDigest.OfHeld(one.Id, one.Digest)));
    });

    private void Answer(IReadOnlyList<TenantState> asked, IReadOnlyDictionary<string, TenantInput[]> inputs)
    {
        foreach (var state in asked)
        {
            _asked[state.Name] = state;
        }

        Parallel.ForEach(asked, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, state =>
        {
            if (_tenants.GetValueOrDefault(state.Name) is not { } tenant)
            {
                return;
            }

            var start = Stopwatch.GetTimestamp();
            PullRequest request;
            lock (_gate)
            {
                request = state.Request(Hub, TimeSpan.Zero);
            }

            var deltas = tenant.Apply([.. inputs.GetValueOrDefault(state.Name) ?? [], .. tenant.Learn(request)]);
            var compiled = Stopwatch.GetTimestamp();
            var reply = tenant.Reply(deltas, request);
            var encoded = Stopwatch.GetTimestamp();
            lock (_gate)
            {
                var entered = Stopwatch.GetTimestamp();
                _hub.Receive(state, request, reply);
                Times.Add(compiled - start, encoded - compiled, Stopwatch.GetTimestamp() - entered);
            }
        });
    }
}

/// <param name="Digest">Over everything held, as the agent compares it.</param>
internal readonly record struct NodeDesire(string Node, int Resources, Digest Digest);

/// <param name="Known">Until the difference that the change makes was known.</param>
/// <param name="Published">From there until it was encoded, and in the hub.</param>
/// <param name="Resources">That the difference touches.</param>
internal readonly record struct ChangeTimes(TimeSpan Known, TimeSpan Published, int Resources);
