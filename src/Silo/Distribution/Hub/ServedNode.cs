using Vallum.Silo.Distribution.Sessions;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// One session's node as the hub sees it: its span, what changed in it since the session last took the changes, and how far its kernel is behind each
/// tenant. Guarded by the hub's lock, but for <see cref="Wake"/>.
/// </summary>
/// <param name="since">When the session began.</param>
internal sealed class ServedNode(string node, AsyncSignal wake, HeldResources held, Turns turns, DateTimeOffset since)
{
    private readonly Dictionary<TenantState, AppliedRevision> _unapplied = [];
    private readonly Dictionary<TenantState, AppliedRevision> _inFlight = [];
    private NodeStep? _step;

    public string Node => node;

    public DateTimeOffset Since => since;

    /// <summary>Set when it is the session's turn to send, and at all else that it should look at.</summary>
    public AsyncSignal Wake => wake;

    /// <summary>By the agent, as far as its session knows. Read in the session's turn.</summary>
    public HeldResources Held => held;

    /// <summary>What the session is to send; null: it is not its turn. The session takes it without the lock: it was woken for it.</summary>
    public NodeStep? Step
    {
        get => Volatile.Read(ref _step);
        set => Volatile.Write(ref _step, value);
    }

    /// <summary>The session has ended: what it told before that is late.</summary>
    public bool IsReleased { get; set; }

    /// <summary>Kept by <see cref="Turns"/>, as are the three below.</summary>
    public Turn Turn { get; set; }

    public bool IsInLine { get; set; }

    /// <summary>Timestamp.</summary>
    public long SendsFrom { get; set; }

    /// <summary>When it last had its turn; timestamp.</summary>
    public long SentAt { get; set; }

    /// <summary>When the session last looked; timestamp.</summary>
    public long LookedAt { get; set; }

    public NodeSpan<ResourceId> Span { get; } = new();

    /// <summary>Resources to compare with what the agent holds.</summary>
    public HashSet<ResourceId> Changed { get; } = [];

    /// <summary>New in the update in flight: the node does not hold them yet.</summary>
    public HashSet<ResourceId> Arriving { get; } = [];

    /// <summary>The tenants that may have endpoints on the node; null: not yet known.</summary>
    public HashSet<TenantState>? Tenants { get; set; }

    /// <summary>The tenants that have.</summary>
    public HashSet<TenantState> Bound { get; } = [];

    /// <summary>The agent has acknowledged a whole snapshot on this stream.</summary>
    public bool IsSynced { get; set; }

    /// <summary>Policies about the node were in the kernel, and it is not applied yet that there are none.</summary>
    public bool HoldsHostPolicies { get; set; }

    /// <summary>The last failure to apply, until an update is applied; empty: none.</summary>
    public string Error { get; set; } = "";

    /// <summary>The cluster revision behind which the node's own share of network sets and nodes is; null: not behind.</summary>
    public long? ClusterUnapplied { get; set; }

    public long? ClusterInFlight { get; set; }

    public IEnumerable<TenantState> Behind => _inFlight.Keys.Concat(_unapplied.Keys);

    public void Bind(TenantState tenant)
    {
        Bound.Add(tenant);
        tenant.BoundNodes.Add(this);
    }

    public void Unbind(TenantState tenant)
    {
        Bound.Remove(tenant);
        tenant.BoundNodes.Remove(this);
    }

    /// <summary>The resource changes with the next revision of who causes it.</summary>
    public void Mark(ResourceId resource, Cause cause)
    {
        Changed.Add(resource);
        ClusterUnapplied = Earlier(ClusterUnapplied, cause.ClusterBefore);
        if (cause.Tenant is { } tenant)
        {
            Lower(_unapplied, tenant, cause.Before);
            tenant.MarkedBy.Add(this);
        }

        turns.Want(this);
    }

    /// <summary>What the tenant's node has in its kernel; null: all that is published.</summary>
    public AppliedRevision? BehindOn(TenantState tenant) => (_inFlight.TryGetValue(tenant, out var sent), _unapplied.TryGetValue(tenant, out var applied)) switch
    {
        (true, true) => AppliedRevision.Lower(sent, applied),
        (true, false) => sent,
        (false, true) => applied,
        _ => null,
    };

    /// <summary>What the node has of the cluster's own objects; null: all that is published.</summary>
    public long? BehindOnCluster => Earlier(ClusterInFlight, ClusterUnapplied);

    /// <summary>The session has taken the changes: they are on their way.</summary>
    public void Depart()
    {
        foreach (var (tenant, applied) in _unapplied)
        {
            Lower(_inFlight, tenant, applied);
        }

        _unapplied.Clear();
        ClusterInFlight = BehindOnCluster;
        ClusterUnapplied = null;
    }

    /// <summary>What was on its way is in the kernel. Returns the tenants that have moved.</summary>
    public IReadOnlyList<TenantState> Arrive()
    {
        var moved = _inFlight.Keys.ToArray();
        _inFlight.Clear();
        ClusterInFlight = null;
        Arriving.Clear();
        foreach (var tenant in moved)
        {
            if (!_unapplied.ContainsKey(tenant))
            {
                tenant.MarkedBy.Remove(this);
            }
        }

        return moved;
    }

    /// <summary>What was on its way did not arrive: <paramref name="step"/> is to be compared again.</summary>
    public void Return(IEnumerable<ResourceId> step)
    {
        Changed.UnionWith(step);
        foreach (var (tenant, applied) in _inFlight)
        {
            Lower(_unapplied, tenant, applied);
        }

        _inFlight.Clear();
        ClusterUnapplied = BehindOnCluster;
        ClusterInFlight = null;
        turns.Want(this);
    }

    public void Forget()
    {
        foreach (var tenant in Behind)
        {
            tenant.MarkedBy.Remove(this);
        }

        foreach (var tenant in Bound)
        {
            tenant.BoundNodes.Remove(this);
        }

        Bound.Clear();
        _unapplied.Clear();
        _inFlight.Clear();
    }

    private static long? Earlier(long? one, long? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;

    private static void Lower(Dictionary<TenantState, AppliedRevision> behind, TenantState tenant, AppliedRevision applied) =>
        behind[tenant] = behind.TryGetValue(tenant, out var known) ? AppliedRevision.Lower(known, applied) : applied;
}

/// <summary>Revisions of a tenant and of the cluster's own objects that are in a kernel.</summary>
internal readonly record struct AppliedRevision(long Tenant, long Cluster)
{
    /// <summary>What is there in either case.</summary>
    public static AppliedRevision Lower(AppliedRevision one, AppliedRevision other) => new(Math.Min(one.Tenant, other.Tenant), Math.Min(one.Cluster, other.Cluster));
}
