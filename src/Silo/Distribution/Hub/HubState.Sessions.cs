using System.Collections.Immutable;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Sessions;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>What sessions ask.</summary>
internal sealed partial class HubState
{
    /// <summary>What the node should hold, with digests. What has changed until now is in it.</summary>
    public IReadOnlyList<(ResourceId Id, Digest Digest)> Wanted(ServedNode served)
    {
        Settle(served);
        return [.. served.Span.Members.Select(id => (id, _resources.Find(id)?.Content?.Digest)).Where(r => r.Digest is not null).Select(r => (r.id, r.Digest!.Value))];
    }

    /// <summary>Compares everything wanted and everything held at the next step.</summary>
    public void CompareAll(ServedNode served, IEnumerable<ResourceId> held)
    {
        Settle(served);
        served.Changed.UnionWith(served.Span.Members);
        served.Changed.UnionWith(held);
    }

    /// <summary>One look of a session at all that it goes by.</summary>
    /// <param name="sendsFrom">Timestamp from which it would send; null: it would not.</param>
    /// <param name="owes">It has something to say though nothing may have changed.</param>
    public NodeView Look(ServedNode served, long? sendsFrom, bool owes)
    {
        served.LookedAt = _time.GetTimestamp();
        if (sendsFrom is { } from)
        {
            _turns.Allow(served, from, owes || served.Changed.Count > 0);
        }
        else if (served.Step is null)
        {
            _turns.End(served);
        }

        return new NodeView(IsReady(served), served.Changed.Count > 0, HostRevision(served), Endpoints(served));
    }

    /// <summary>The session is not to send, and has not sent, what it may just have been given.</summary>
    public void Recall(ServedNode served)
    {
        if (served.Step is { } step)
        {
            served.Step = null;
            served.Return(step.Sends.Select(send => send.Id).Concat(step.Removed));
        }

        _turns.End(served);
    }

    /// <summary>What sessions tell without waiting: the turn is over and, with <paramref name="sendsFrom"/>, the agent has what it was for in its kernel.</summary>
    public void Take(ServedNode served, long? sendsFrom)
    {
        if (served.IsReleased)
        {
            return;
        }

        _turns.End(served);
        if (sendsFrom is { } from)
        {
            Applied(served);
            _turns.Allow(served, from, served.Changed.Count > 0);
        }
    }

    /// <summary>Gives each whose turn it is what it is to send.</summary>
    public void GiveTurns()
    {
        while (_turns.Next() is { } served)
        {
            served.Step = Take(served, served.Held, IsReady(served));
            served.Wake.Set();
        }
    }

    /// <summary>Takes the changes since the last step, as what the agent needs from what it holds.</summary>
    /// <param name="mayRemove">False: what is held and not wanted stays, for not all that is wanted is known.</param>
    private NodeStep Take(ServedNode served, HeldResources held, bool mayRemove)
    {
        Settle(served);
        var sends = ImmutableArray.CreateBuilder<NodeStep.Send>();
        var removed = ImmutableArray.CreateBuilder<ResourceId>();
        var later = new List<ResourceId>();
        foreach (var id in served.Changed)
        {
            if (served.Span.Contains(id) && _resources.Find(id) is { Content: not null } resource)
            {
                if (resource.From(held[id]) is { } encoded)
                {
                    sends.Add(new NodeStep.Send(id, encoded));
                    if (!held.Contains(id))
                    {
                        served.Arriving.Add(id);
                    }
                }
            }
            else if (held.Contains(id))
            {
                if (mayRemove)
                {
                    removed.Add(id);
                }
                else
                {
                    later.Add(id);
                }
            }
        }

        served.Changed.Clear();
        served.Changed.UnionWith(later);
        served.Depart();
        return new NodeStep(sends.ToImmutable(), removed.ToImmutable(), Endpoints(served), mayRemove && served.IsSynced && !_hosts.Concerns(served.Node) && !served.HoldsHostPolicies);
    }

    /// <summary>Everything that was taken is in the node's kernel.</summary>
    public void Applied(ServedNode served)
    {
        var first = !served.IsSynced;
        served.IsSynced = true;
        served.Error = "";
        if (first)
        {
            served.Arrive();
            NoteHostPolicies(served);
            _progress.NoteNode(served);
            return;
        }

        foreach (var id in served.Arriving)
        {
            _progress.NoteGroup(id);
        }

        var cluster = served.ClusterInFlight is not null;
        foreach (var tenant in served.Arrive())
        {
            _progress.Note(tenant);
        }

        NoteHostPolicies(served);

        if (cluster)
        {
            _progress.NoteNode(served);
        }
    }

    public void Failed(ServedNode served, string error)
    {
        served.Error = error;
        foreach (var tenant in served.Behind)
        {
            _progress.Note(tenant);
        }
    }

    private int Endpoints(ServedNode served) =>
        (_cuts.Bindings.GetValueOrDefault(served.Node) ?? []).Sum(b => _resources.Find(b)?.Content?.Entries.Count ?? 0);

    /// <summary>
    /// The revision of the cluster's own objects up to which all policies about the node are in its kernel; 0 where there are none (any more), and before
    /// the first snapshot.
    /// </summary>
    public long HostRevision(ServedNode served) => served.IsSynced && (_hosts.Concerns(served.Node) || served.HoldsHostPolicies)
        ? Math.Min(served.BehindOnCluster ?? long.MaxValue, _hosts.PublishedRevision)
        : 0;

    private void NoteHostPolicies(ServedNode served) =>
        served.HoldsHostPolicies = _hosts.Concerns(served.Node) || (served.HoldsHostPolicies && served.BehindOnCluster is not null);

    private void Settle(ServedNode served)
    {
        var (entered, left) = served.Span.Settle(_resources.ReferencesOf);
        foreach (var id in entered)
        {
            _resources.Get(id).Watchers.Add(served);
        }

        foreach (var id in left)
        {
            _progress.NoteGroup(id);
            Unwatch(served, id);
        }

        served.Changed.UnionWith(entered);
        served.Changed.UnionWith(left);
    }

    private void Unwatch(ServedNode served, ResourceId id)
    {
        if (_resources.Find(id) is { } resource)
        {
            resource.Watchers.Remove(served);
            _resources.DropIfUnused(resource);
        }
    }
}
