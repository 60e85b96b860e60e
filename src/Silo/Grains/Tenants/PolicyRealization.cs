using Vallum.Policies.Model;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>
/// From which revision on each policy is as it is, and how long it took from that commit until it was in the kernel of every node of its span.
/// A node's report says up to which revision everything that concerns the node is in its kernel, so a policy is realized when every node of its span has
/// reached the policy's revision; nodes for which nothing changed reach it at once. Revisions are the tenant's, or all of them the cluster's.
/// </summary>
internal sealed class PolicyRealization(long firstRevision)
{
    /// <summary>More waiting policies than this are looked at only when the slowest node has passed them: their time is then that of the slowest node.</summary>
    private const int WatchedOneByOne = 256;

    private readonly Dictionary<PolicyId, Entry> _policies = [];
    private readonly Dictionary<PolicyId, Entry> _waiting = [];

    /// <summary>The policy's revision; for one that has not changed since the activation, the activation's.</summary>
    public long RevisionOf(PolicyId policy) => _policies.GetValueOrDefault(policy)?.Revision ?? firstRevision;

    /// <summary>Null while it is not realized, and when the commit was before this activation.</summary>
    public TimeSpan? RealizedIn(PolicyId policy) =>
        _policies.GetValueOrDefault(policy) is { RealizedAt: { } at, Committed: var committed } ? at - committed : null;

    /// <summary>Null in the same cases.</summary>
    public DateTimeOffset? RealizedAt(PolicyId policy) => _policies.GetValueOrDefault(policy)?.RealizedAt;

    /// <param name="concernsNodes">False: there is no node that has to reach the revision.</param>
    public void Changed(PolicyId policy, long revision, DateTimeOffset committed, bool concernsNodes)
    {
        var entry = _policies[policy] = new Entry(revision, committed);
        if (concernsNodes)
        {
            _waiting[policy] = entry;
        }
        else
        {
            _waiting.Remove(policy);
            entry.RealizedAt = committed;
        }
    }

    public void Removed(PolicyId policy)
    {
        _policies.Remove(policy);
        _waiting.Remove(policy);
    }

    /// <summary>Notes which policies a report has completed.</summary>
    /// <param name="slowest">The revision that every node with endpoints of the tenant has reached.</param>
    /// <param name="spanOf">The nodes of a policy.</param>
    /// <param name="applied">The revision that a node has reached.</param>
    public void Reported(long slowest, Func<PolicyId, IEnumerable<NodeName>> spanOf, Func<NodeName, long> applied, DateTimeOffset now)
    {
        var oneByOne = _waiting.Count <= WatchedOneByOne;
        foreach (var (policy, entry) in _waiting.ToList())
        {
            if (entry.Revision <= slowest || (oneByOne && spanOf(policy).All(node => applied(node) >= entry.Revision)))
            {
                entry.RealizedAt = now;
                _waiting.Remove(policy);
            }
        }
    }

    private sealed class Entry(long revision, DateTimeOffset committed)
    {
        public long Revision => revision;

        public DateTimeOffset Committed => committed;

        public DateTimeOffset? RealizedAt { get; set; }
    }
}
