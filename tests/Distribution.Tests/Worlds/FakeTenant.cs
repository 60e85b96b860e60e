using System.Collections.Immutable;
using Vallum.Agents;
using Vallum.Cluster.Compiled;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Encoding;
using Vallum.Testing.Compiled;
using Wire = Vallum.Contracts.Agent.V1;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>A tenant's owner without a grain: compiles, keeps a log of deltas, answers pulls. One call at a time.</summary>
internal sealed class FakeTenant(TenantName name)
{
    private readonly Dictionary<string, ImmutableArray<EndpointPart>> _wants = [];
    private readonly List<(long Sequence, ImmutableArray<CompiledDelta> Deltas)> _log = [];
    private CompiledTenant _compiled = new(name);
    private ClusterState _seen = ClusterState.Empty;
    private TaskCompletionSource _changed = New();
    private long _sequence;
    private long _epoch = 1;

    public long Revision { get; private set; }

    public long ClusterRevision { get; private set; }

    /// <summary>The objects that it is the compiled form of.</summary>
    public ClusterState Seen => _seen;

    /// <summary>Every form that the tenant ever had.</summary>
    public List<TenantForm> Forms { get; } = [];

    public Task Changed => _changed.Task;

    public void MoveTo(ClusterState state, long revision, long clusterRevision)
    {
        (Revision, ClusterRevision) = (revision, clusterRevision);
        Tell([.. TenantInputs.Difference(_seen, state, name)]);
        _seen = state;
    }

    /// <summary>Another activation: compiles anew, and knows nothing of who asked before.</summary>
    public void Reactivate()
    {
        _epoch++;
        (_sequence, _compiled) = (0, new CompiledTenant(name));
        _wants.Clear();
        _log.Clear();
        Tell([.. TenantInputs.Difference(ClusterState.Empty, _seen, name)]);
    }

    /// <summary>By the plain objects: the nodes with an endpoint of the tenant that policies can be about.</summary>
    public IEnumerable<string> Nodes => _seen.Endpoints.Values
        .Where(e => e.Id.Tenant == name && e.Node is not null && !e.HostNetwork && !e.Addresses.IsEmpty).Select(e => e.Node!.Value.Value).Distinct();

    /// <summary>Null: nothing has happened since.</summary>
    public PullReply? Answer(PullRequest request)
    {
        if (request.Wants is { } wants)
        {
            _wants[request.Hub] = [.. wants.Select(WantEncoding.FromWant)];
            var all = _wants.Values.SelectMany(w => w).DistinctBy(p => p.Id).ToImmutableArray();
            var deltas = Capture(() => _compiled.Want(all));
            if (!deltas.IsEmpty)
            {
                Log(deltas);
            }
        }
        else if (!_wants.ContainsKey(request.Hub) && request.WantsVersion > 0)
        {
            return new PullReply(_epoch, 0, 0, 0, false, true, []);
        }

        var parts = (_wants.GetValueOrDefault(request.Hub, [])).Select(p => p.Id.Value).ToHashSet();
        if (request.Epoch != _epoch)
        {
            return Reply(true, [.. _compiled.Held.Values.Select(ResourceEncoding.EncodeWhole).Where(Concerns)]);
        }

        return request.Sequence == _sequence ? null : Reply(false, [.. _log.Where(e => e.Sequence > request.Sequence).SelectMany(e => e.Deltas).Where(Concerns)]);

        bool Concerns(CompiledDelta delta) => request.Full || (delta.Kind == CompiledKind.GroupPart && (delta.Gone || parts.Contains(delta.Name)));
    }

    private void Tell(ImmutableArray<Policies.Compilation.TenantInput> inputs) => Log([.. _compiled.Apply(inputs).Select(ResourceEncoding.Encode)]);

    private ImmutableArray<CompiledDelta> Capture(Action change)
    {
        var before = _compiled.Held.ToDictionary();
        change();
        return
        [
            .. _compiled.Held.Where(r => !before.ContainsKey(r.Key)).Select(r => ResourceEncoding.EncodeWhole(r.Value)),
            .. before.Keys.Where(k => !_compiled.Held.ContainsKey(k)).Select(k => ResourceEncoding.Encode(ResourceDelta.Remove(k))),
        ];
    }

    private void Log(ImmutableArray<CompiledDelta> deltas)
    {
        _log.Add((++_sequence, deltas));
        Forms.Add(TenantForm.Of(Revision, ClusterRevision, _compiled));
        var changed = _changed;
        _changed = New();
        changed.TrySetResult();
    }

    private PullReply Reply(bool whole, ImmutableArray<CompiledDelta> deltas) => new(_epoch, _sequence, Revision, ClusterRevision, whole, false, deltas);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Digests of all of a tenant's resources at one revision; of groups, those that are the tenant's alone.</summary>
internal sealed record TenantForm(long Revision, long ClusterRevision, ImmutableDictionary<(ResourceKind Kind, string Name), Digest> Resources, ImmutableDictionary<string, Digest> Groups)
{
    public static TenantForm Of(long revision, long clusterRevision, CompiledTenant tenant)
    {
        var digests = tenant.Held.ToImmutableDictionary(
            r => (r.Key.Kind, r.Key.Name), r => WireResources.Of(Wire.ResourceKind.Unspecified, r.Key.Name, r.Value).Digest);
        var alone = new ResolvedScope.Named(tenant.Name);
        var groups = tenant.Held.Values.Select(r => r.Head).OfType<ResourceHead.PolicyRules>().SelectMany(r => r.Groups)
            .OfType<GroupDefinition.OfEndpoints>().Where(g => g.Tenants.Equals(alone)).DistinctBy(g => g.Id)
            .ToImmutableDictionary(g => g.Id.Value, g => digests[(ResourceKind.GroupPart, g.Part.Id.Value)]);
        return new TenantForm(revision, clusterRevision, digests, groups);
    }

    /// <summary>Whether what an agent holds of the tenant is this form's share for the node.</summary>
    public bool IsHeldBy(AgentState agent, TenantName tenant, string node)
    {
        if (!agent.Resources.TryGetValue((Wire.ResourceKind.Binding, tenant.Value), out var binding))
        {
            return !Resources.ContainsKey((ResourceKind.Binding, node));
        }

        var reached = binding.References.Distinct().Select(p => agent.Resources[p]).ToList();
        var rules = reached.SelectMany(p => p.References).Distinct().Select(r => agent.Resources[r]).ToList();
        var groups = rules.SelectMany(r => r.References).Distinct().Select(g => agent.Resources[g]);
        return Is(ResourceKind.Binding, node, binding) && reached.All(p => Is(ResourceKind.Profile, p.Name, p)) &&
            rules.All(r => Is(ResourceKind.PolicyRules, r.Name, r)) &&
            groups.All(g => !Groups.TryGetValue(g.Name, out var digest) || digest == g.Digest);
    }

    private bool Is(ResourceKind kind, string name, HeldResource held) => Resources.TryGetValue((kind, name), out var digest) && digest == held.Digest;
}
