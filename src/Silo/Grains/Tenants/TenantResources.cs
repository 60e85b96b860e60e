using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Status;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Silo.Distribution;
using Vallum.Silo.Distribution.Encoding;
using Vallum.Silo.Grains.Cluster;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>
/// A tenant's objects compiled, published to the hubs, and followed into the kernels. Knows no storage and no grains; the grain tells it what is committed.
/// </summary>
internal sealed class TenantResources
{
    private readonly Publications _publications = new();
    private readonly HubInterests _hubs = new();
    private readonly PolicyFootprints _footprints = new();
    private readonly NodeReports _reports = new();
    private readonly ClusterConcern _concern = new();
    private readonly PolicyRealization _realization;
    private readonly PolicyRealization _operatorRealization = new(0);
    private readonly TenantCompiler _compiler;
    private readonly TenantName _tenant;
    private readonly long _epoch;
    private OperatorPolicies _operator = OperatorPolicies.Unknown;
    private long _revision;
    private long _clusterRevision;
    private long _timedAfter;

    /// <param name="epoch">Of the activation: cursors of another mean nothing.</param>
    public TenantResources(TenantName tenant, long epoch, ObjectTable objects, long revision)
    {
        (_tenant, _epoch, _revision) = (tenant, epoch, revision);
        _realization = new PolicyRealization(revision);
        _compiler = new TenantCompiler(tenant);
        var everything = Enum.GetValues<ObjectKind>().SelectMany(objects.All).Select(one => new ScopeEdit(one.Key, null, one));
        var compiled = _compiler.Apply(CompilerInputs.Of(everything));
        _footprints.Take(compiled);
        _concern.Take(compiled);
        _publications.Skip();
    }

    /// <summary>Raised at every publication.</summary>
    public ChangeSignal Published { get; } = new();

    /// <summary>Raised when a report says something new, and at every commit.</summary>
    public ChangeSignal Progressed { get; } = new();

    /// <summary>Counts what <see cref="Progressed"/> tells.</summary>
    public long ProgressVersion { get; private set; }

    /// <summary>The operator's policies are in: what is published may be enforced.</summary>
    public bool IsReady => _operator.Revision > 0;

    public long OperatorRevision => _operator.Revision;

    /// <summary>Of the cluster's own objects, up to which the resources are as they have to be.</summary>
    public long ClusterRevision => _clusterRevision;

    public void Commit(CommittedBatch batch, DateTimeOffset now)
    {
        _revision = batch.Revision;
        Publish(CompilerInputs.Of(batch.Edits), [.. batch.Edits.Select(edit => edit.After?.Value).OfType<Policy>().Select(policy => policy.Id)], now);
        foreach (var edit in batch.Edits.Where(edit => edit is { After: null, Key.Kind: ObjectKind.Policy }))
        {
            _realization.Removed(new PolicyId(_tenant, edit.Key.Name));
        }
    }

    public void Follow(OperatorPolicies policies, DateTimeOffset now)
    {
        var (inputs, before) = (CompilerInputs.Between(_operator.Policies, policies.Policies).ToList(), _operator);
        (_operator, _clusterRevision) = (policies, policies.Revision);
        var touched = Publish(inputs, [], now);
        if (before.Revision == 0)
        {
            // What the operator did before this activation is in force or not; since when, nobody here knows.
            _timedAfter = policies.Revision;
            _concern.Changed(policies.Revision);
            return;
        }

        if (touched.Count > 0)
        {
            _concern.Changed(policies.Revision);
        }

        foreach (var policy in touched.Where(policy => policy.Tenant is null))
        {
            _operatorRealization.Changed(policy, policies.Revision, now, _compiler.ProfilesOf(policy).Any());
        }

        foreach (var policy in before.Policies.Keys.Where(policy => !policies.Policies.ContainsKey(policy)))
        {
            _realization.Removed(policy);
            _operatorRealization.Removed(policy);
        }
    }

    /// <summary>The silo's view has reached a revision; with the operator's policies unchanged since, so has the tenant.</summary>
    public void Reached(ClusterSnapshot view, long operatorRevision)
    {
        if (operatorRevision == _operator.Revision && view.Revision >= _clusterRevision)
        {
            _concern.Reached(view);
            _clusterRevision = view.Revision;
        }
    }

    /// <summary>Takes in what the hub wants. Null: it must tell its wants.</summary>
    public HubInterest? Learn(PullRequest request, DateTimeOffset now)
    {
        var change = _hubs.Learn(request, now);
        if (change.Interest is not { } interest)
        {
            return null;
        }

        if (change.Inputs.Length > 0 || (change.Widened && request.Epoch == _epoch))
        {
            Publish(change.Inputs, [], now);
            interest.WholeBelow = change.Widened ? _publications.Sequence : interest.WholeBelow;
        }

        return interest;
    }

    public PullReply TellWants() => new(_epoch, 0, _revision, _clusterRevision, false, true, []);

    /// <summary>What is new after the request's cursor; null: nothing.</summary>
    public PullReply? Answer(PullRequest request, HubInterest interest)
    {
        var cursor = request.Sequence;
        if (request.Epoch != _epoch || cursor > _publications.Sequence || cursor < Math.Max(_publications.Oldest, interest.WholeBelow))
        {
            return Reply(true, Whole(interest));
        }

        return cursor == _publications.Sequence ? null : Reply(false, _publications.After(cursor).Where(interest.Takes));
    }

    /// <summary>Nothing new came in the time.</summary>
    public PullReply Idle() => Reply(false, []);

    public void Report(ProgressReport report, DateTimeOffset now)
    {
        if (_reports.Take(report, now))
        {
            Settle(now);
            Progress();
        }
    }

    public TenantStatus Status(ObjectTable objects, long directoryRevision, DateTimeOffset now)
    {
        _reports.Forget(now);
        return new TenantStatus(
            _revision,
            objects.Count(ObjectKind.Segment),
            objects.Count(ObjectKind.Endpoint),
            objects.Count(ObjectKind.Policy),
            _reports.All(_compiler.Nodes.Select(node => node.Value)),
            ProgressVersion,
            directoryRevision)
        {
            ClusterRevision = _clusterRevision,
            ClusterConcern = _concern.Revision,
        };
    }

    public PolicyProgress StatusOf(PolicyId policy, DateTimeOffset now)
    {
        _reports.Forget(now);
        var span = _compiler.SpanOf(policy).Order();
        return policy.Tenant is null
            ? new PolicyProgress(_operator.Revision, [.. span.Select(node => OperatorProgressOf(policy, node))], null)
            {
                RealizedAt = _operatorRealization.RealizedAt(policy),
                TimedAfter = _timedAfter,
            }
            : new PolicyProgress(_realization.RevisionOf(policy), [.. span.Select(node => _reports.ProgressOf(node.Value))], _realization.RealizedIn(policy));
    }

    // The endpoints that an operator's policy selects, and its groups' members, come and go with the tenant's revisions.
    private NodeProgress OperatorProgressOf(PolicyId policy, NodeName node)
    {
        var progress = _reports.ProgressOf(node.Value);
        return progress with { Applied = progress.Applied >= _realization.RevisionOf(policy) ? progress.AppliedCluster : 0 };
    }

    public bool KnowsOperatorPolicy(PolicyId policy) => _operator.Policies.ContainsKey(policy);

    /// <param name="edited">Policies that are new or say something else, whether that makes a difference to anybody or not.</param>
    /// <returns>The policies that mean something else than before.</returns>
    private IReadOnlySet<PolicyId> Publish(IEnumerable<TenantInput> inputs, ImmutableArray<PolicyId> edited, DateTimeOffset now)
    {
        var deltas = _compiler.Apply(inputs);
        var touched = _footprints.Take(deltas);
        _concern.Take(deltas);
        foreach (var policy in touched.Union(edited))
        {
            // A policy that selects nobody is in force wherever it has to be.
            _realization.Changed(policy, _revision, now, _compiler.ProfilesOf(policy).Any());
        }

        if (_hubs.Any)
        {
            _publications.Add([.. ResourceEncoding.Encode(deltas)]);
        }
        else
        {
            _publications.Skip();
        }

        Published.Raise();
        Progress();
        return touched;
    }

    private void Progress()
    {
        ProgressVersion++;
        Progressed.Raise();
    }

    private void Settle(DateTimeOffset now)
    {
        var slowest = _compiler.Nodes.Select(node => _reports.ProgressOf(node.Value).Applied).DefaultIfEmpty(long.MaxValue).Min();
        _realization.Reported(slowest, _compiler.SpanOf, node => _reports.ProgressOf(node.Value).Applied, now);
        var slowestCluster = _compiler.Nodes.Select(node => _reports.ProgressOf(node.Value).AppliedCluster).DefaultIfEmpty(long.MaxValue).Min();
        _operatorRealization.Reported(slowestCluster, _compiler.SpanOf, node => _reports.ProgressOf(node.Value).AppliedCluster, now);
    }

    private IEnumerable<CompiledDelta> Whole(HubInterest interest) => interest.Full
        ? ResourceEncoding.Encode(_compiler.Snapshot())
        : interest.Wants.Keys.Select(part => _compiler.Find(new ResourceKey(ResourceKind.GroupPart, part.Value))).OfType<ResourceDelta>().Select(ResourceEncoding.Encode);

    private PullReply Reply(bool whole, IEnumerable<CompiledDelta> deltas) =>
        new(_epoch, _publications.Sequence, _revision, _clusterRevision, whole, false, [.. deltas]);
}
