using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Placement;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Policies.Model;

namespace Vallum.Silo.Grains.Segments;

/// <inheritdoc cref="ISegmentGrain"/>
/// <remarks>Catches up with its tenant when it is asked for something newer than it has, and never while nobody asks.</remarks>
[GrainType("segment"), RandomPlacement, Reentrant]
internal sealed class SegmentGrain(TimeProvider time) : Grain, ISegmentGrain
{
    /// <summary>A caller that names no revision gets one that is at most this old.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    private SegmentMembership _membership = null!;
    private ITenantGrain _tenant = null!;
    private Task _catchingUp = Task.CompletedTask;
    private DateTimeOffset _caughtUp = DateTimeOffset.MinValue;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var (tenant, segment) = this.GetPrimaryKeyString().Split('/', 2) is [var first, var second]
            ? (first, second)
            : throw new ArgumentException($"'{this.GetPrimaryKeyString()}' is no segment's key: \"tenant/segment\" is.");
        _tenant = GrainFactory.GetGrain<ITenantGrain>(tenant);
        _membership = new SegmentMembership(new TenantName(tenant), new SegmentName(segment));
        return Task.CompletedTask;
    }

    public async Task<SegmentMembers> Members(long revision, string after, int limit)
    {
        await CatchUpAsync(revision);
        var members = _membership.Members;
        var from = after.Length == 0 ? "" : after + '\0';
        IEnumerable<string> rest = members.Max is { } last && string.CompareOrdinal(from, last) <= 0 ? members.GetViewBetween(from, last) : [];
        ImmutableArray<string> page = [.. rest.Take(Math.Max(0, limit))];
        return new SegmentMembers(_membership.Revision, page, page.Length > 0 && page[^1] != members.Max);
    }

    public async Task<SegmentStatus> Status(long revision)
    {
        await CatchUpAsync(revision);
        var nodes = _membership.Nodes.ToHashSet();
        var status = await _tenant.Status();
        return new SegmentStatus(
            _membership.Revision,
            _membership.Exists,
            _membership.Members.Count,
            [.. status.Nodes.Where(node => nodes.Contains(node.Node))]);
    }

    private async Task CatchUpAsync(long revision)
    {
        while (_membership.Revision < revision || (revision == 0 && time.GetUtcNow() - _caughtUp > FreshFor))
        {
            // Those who ask meanwhile share the answer.
            if (_catchingUp.IsCompleted)
            {
                _catchingUp = PullAsync();
            }

            var before = _membership.Revision;
            await _catchingUp;
            if (_membership.Revision < revision && _membership.Revision == before)
            {
                throw new ArgumentOutOfRangeException(nameof(revision), $"The tenant is at revision {before}; {revision} is not there yet.");
            }
        }
    }

    private async Task PullAsync()
    {
        _membership.Take(await _tenant.Feed(new FeedRequest(_membership.Revision, TimeSpan.Zero)));
        _caughtUp = time.GetUtcNow();
    }
}
