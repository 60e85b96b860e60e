using System.Collections.Immutable;
using Vallum.Cluster.Compiled;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// What this silo knows and whom it serves: decides, and waits for nothing. Every method is short and runs under <see cref="ResourceHub"/>'s lock.
/// </summary>
internal sealed partial class HubState
{
    // With more drafts than this waiting for each other (an operator's policy reaches every tenant), looking at all of them with each answer would be
    // quadratic: the hub's tick looks instead.
    private const int PublishedAtOnce = 64;

    // With more nodes than this in line for what they have not been sent yet, what comes now goes with the hub's tick: telling thousands of nodes of each
    // change would take the time in which they could be sent all of them.
    private const int WaitingAtMost = 256;

    private readonly ResourceBook _resources = new();
    private readonly NodeBook _nodes = new();
    private readonly TenantBook _tenants;
    private readonly GroupBook _groups;
    private readonly Cuts _cuts;
    private readonly HostBook _hosts;
    private readonly ProgressBook _progress;
    private readonly Turns _turns;
    private readonly TimeProvider _time;

    public HubState(TimeProvider time, TimeSpan agreeWithin)
    {
        _time = time;
        _tenants = new TenantBook(time);
        _groups = new GroupBook(_resources, _tenants);
        _cuts = new Cuts(_resources, _nodes, _groups, time, agreeWithin);
        _hosts = new HostBook(_resources, _nodes, _groups);
        _progress = new ProgressBook(_nodes, _groups);
        _turns = new Turns(time);
    }

    public ClusterSnapshot View { get; private set; } = ClusterSnapshot.Empty;

    public ProgressBook Progress => _progress;

    public Turns Turns => _turns;

    /// <summary>Tenants whose answers wait for another's part, and one more where policies about nodes do.</summary>
    public int Waiting => _cuts.Pending + (_hosts.IsPending ? 1 : 0);

    public int Tenants => _tenants.All.Count;

    public int Resources => _resources.Count;

    public IReadOnlyList<TenantState> TakeAttention() => _tenants.TakeAttention();

    /// <param name="held">Of the session, which does not touch it while it might have its turn.</param>
    public ServedNode Serve(string node, AsyncSignal wake, Sessions.HeldResources held)
    {
        var served = new ServedNode(node, wake, held, _turns, _time.GetUtcNow());
        _nodes.Add(served);
        _hosts.Add(node);
        served.Span.Adjust([ResourceId.OfNode(node)], []);
        foreach (var binding in _cuts.Bindings.GetValueOrDefault(node) ?? [])
        {
            served.Span.Adjust([binding], []);
            served.Bind(_tenants.Find(binding.Name)!);
        }

        return served;
    }

    public void Release(ServedNode served)
    {
        _progress.NoteNode(served);
        _nodes.Remove(served);
        SetTenants(served, []);
        foreach (var id in served.Span.Members)
        {
            Unwatch(served, id);
        }

        served.Forget();
        _turns.End(served);
        served.IsReleased = true;
        if (_nodes.At(served.Node).Count == 0)
        {
            _hosts.Remove(served.Node);
        }
    }

    /// <summary>The tenants that may have endpoints on the node.</summary>
    public void SetTenants(ServedNode served, IEnumerable<string> names)
    {
        var now = names.Select(_tenants.Get).ToHashSet();
        var before = served.Tenants ?? [];
        served.Tenants = now;
        foreach (var tenant in now)
        {
            if (tenant.Nodes.Add(served) && !tenant.Full)
            {
                SetFull(tenant, true);
            }

            _tenants.NoteNeed(tenant);
            if (!served.IsSynced)
            {
                _progress.NoteAgain(tenant);
            }
        }

        foreach (var tenant in before)
        {
            if (!now.Contains(tenant))
            {
                tenant.Nodes.Remove(served);
                _tenants.NoteNeed(tenant);
            }
        }

        served.Wake.Set();
    }

    /// <summary>All that the node should hold is known here.</summary>
    public bool IsReady(ServedNode served) =>
        View.Revision > 0 && _resources.Find(ResourceId.OfNode(served.Node)) is { Content: not null } && served.Tenants is { } tenants && tenants.All(t => t is { IsPublished: true, IsPublishedFull: true });

    /// <summary>The tenants of the node of which nothing is known yet; the node is not as it should be before they are.</summary>
    public static IReadOnlyList<string> MissingTenants(ServedNode served) =>
        [.. (served.Tenants ?? []).Where(t => t is not { IsPublished: true, IsPublishedFull: true }).Select(t => t.Name).Order(StringComparer.Ordinal)];

    public void SetView(ClusterSnapshot view)
    {
        var before = View;
        View = view;
        _groups.ViewChanged(before, view);
        _hosts.ViewChanged(view);
        foreach (var tenant in _tenants.All)
        {
            if (tenant.ClusterRevision > before.Revision)
            {
                _progress.Note(tenant);
            }
        }

        Publish();
        if (before.Revision == 0)
        {
            WakeAll();
        }
    }

    /// <summary>What a tenant's owner answered.</summary>
    /// <exception cref="InvalidOperationException">It does not fit what was answered before; the next request asks for the whole.</exception>
    public void Receive(TenantState tenant, PullRequest request, PullReply reply)
    {
        if (tenant.IsDropped || tenant.Full != request.Full || (tenant.Epoch, tenant.Sequence) != (request.Epoch, request.Sequence))
        {
            return;
        }

        if (reply.TellWants)
        {
            tenant.ToldWants = -1;
            return;
        }

        tenant.ToldWants = request.WantsVersion;
        if (!reply.Whole && (reply.Epoch != request.Epoch || request.Epoch == 0))
        {
            tenant.ResetCursor();
            throw new InvalidOperationException($"tenant {tenant.Name} answered a difference to a cursor of another epoch");
        }

        if (reply.Whole || !reply.Deltas.IsEmpty || tenant.Draft is not null ||
            (reply.Revision, reply.ClusterRevision) != (tenant.Revision, tenant.ClusterRevision))
        {
            _cuts.Fold(tenant, reply, request.Full, View);
        }

        tenant.MoveCursor(reply.Epoch, reply.Sequence);
        NoteAnswered(tenant, request, reply);
        if (_cuts.Pending <= PublishedAtOnce && _turns.Waiting <= WaitingAtMost)
        {
            Publish();
        }
    }

    /// <summary>Publishes what had to wait and need not any more.</summary>
    public void Publish()
    {
        var wasReady = new List<ServedNode>();
        foreach (var tenant in _cuts.Publish(View))
        {
            _progress.Note(tenant);
            foreach (var node in tenant.Nodes)
            {
                if (!node.IsSynced)
                {
                    wasReady.Add(node);
                }
            }
        }

        _hosts.Publish();
        foreach (var node in wasReady)
        {
            node.Wake.Set();
        }
    }

    /// <summary>Drops tenants that nobody has needed for <paramref name="grace"/>.</summary>
    public void Sweep(TimeSpan grace)
    {
        var idle = new List<TenantState>();
        foreach (var tenant in _tenants.All)
        {
            if (tenant.IdleSince is { } since && _time.GetElapsedTime(since) >= grace)
            {
                idle.Add(tenant);
            }
            else if (tenant.Full && tenant.UnservedSince is { } unserved && _time.GetElapsedTime(unserved) >= grace)
            {
                SetFull(tenant, false);
            }
        }

        foreach (var tenant in idle)
        {
            _progress.Forget(tenant);
            _cuts.Drop(tenant);
            _tenants.Remove(tenant);
            _groups.Sweep();
        }
    }

    public IReadOnlyList<TenantState> TakeReportable(TimeSpan keepAlive)
    {
        foreach (var tenant in _tenants.All)
        {
            if (tenant.ReportedAt is { } at && _time.GetElapsedTime(at) >= keepAlive)
            {
                _progress.NoteAgain(tenant);
            }
        }

        return _progress.TakeChanged();
    }

    /// <summary>The served nodes that lag behind the tenant's revision, or the cluster's; null: the cluster's revision is not known here yet.</summary>
    public IReadOnlyList<NodeProgressReport>? Lagging(string tenant, long revision, long cluster) =>
        View.Revision < cluster ? null : _tenants.Find(tenant) is { } known ? [.. _progress.Lagging(known, revision, cluster, View.Revision)] : [];

    public IReadOnlyList<TenantState> TakeFinished() => _progress.TakeFinished();

    public ProgressReport? ReportOf(TenantState tenant, string hub, long number)
    {
        var reports = _progress.Nodes(tenant, View.Revision);
        if (reports.IsEmpty && tenant.ReportedAt is null)
        {
            return null;
        }

        tenant.ReportedAt = reports.IsEmpty ? null : _time.GetTimestamp();
        return new ProgressReport(hub, number, reports);
    }

    // A different share is asked for: the cursor says nothing about it.
    private void SetFull(TenantState tenant, bool full)
    {
        tenant.Full = full;
        tenant.ResetCursor();
        _tenants.Attend(tenant);
    }

    private static void NoteAnswered(TenantState tenant, PullRequest request, PullReply reply)
    {
        if (tenant.AnsweredWants >= request.WantsVersion)
        {
            return;
        }

        if (reply.Whole || tenant.Parts.All(p => !p.Value.IsWanted || p.Value.Since > request.WantsVersion || tenant.HasPart(p.Key)))
        {
            tenant.AnsweredWants = request.WantsVersion;
        }
        else
        {
            // The owner answered without the newly wanted parts: the whole has them, or they are empty.
            tenant.ResetCursor();
        }
    }

    /// <summary>Wakes the sessions that have not looked for <paramref name="rest"/>: deadlines pass without anything that tells of them.</summary>
    public void WakeRested(TimeSpan rest)
    {
        foreach (var node in _nodes.All)
        {
            if (_time.GetElapsedTime(node.LookedAt) >= rest)
            {
                node.LookedAt = _time.GetTimestamp();
                node.Wake.Set();
            }
        }
    }

    private void WakeAll()
    {
        foreach (var node in _nodes.All)
        {
            node.Wake.Set();
        }
    }
}
