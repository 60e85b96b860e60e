using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Counting;
using ModelDirection = Vallum.Dataplane.Model.Direction;
using ModelTier = Vallum.Dataplane.Model.Tier;

namespace Vallum.NodeAgent.Counters;

/// <summary>
/// What of the totals is still to be told on this stream, in portions. Everything at the stream's begin, then what each reading has changed; a reading
/// that comes before the last one was told whole is told together with it.
/// </summary>
internal sealed class CounterReports
{
    /// <summary>A rule takes about 60 bytes, so that a report stays near 100 KB.</summary>
    public const int RulesPerReport = 2000;

    private const int EndpointsPerGroup = 3;

    private readonly Lock _lock = new();
    private readonly Queue<Counts> _waiting = new();
    private (CounterPage Page, long Number, CountedLayout Layout, DateTimeOffset Since, DateTimeOffset Time, TimeSpan? Interval)? _last;
    private ImmutableHashSet<string> _toldMerged = [];

    // Everything up to this reading was handed out; -1: nothing was.
    private long _told = -1;
    private bool _lastWasSilent;

    public void Offer(CounterBook book, CountedLayout layout, DateTimeOffset since, DateTimeOffset time, TimeSpan? interval)
    {
        lock (_lock)
        {
            _last = (book.Page, book.Reading, layout, since, time, interval);
            Prepare();
        }
    }

    /// <summary>A new stream: who is at its other end may know nothing.</summary>
    public void StartAgain()
    {
        lock (_lock)
        {
            _told = -1;
            _toldMerged = [];
            _lastWasSilent = false;
            Prepare();
        }
    }

    /// <summary>Null when all is told.</summary>
    public Counts? Next()
    {
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out var counts))
            {
                return null;
            }

            if (_waiting.Count == 0 && _last is { } last)
            {
                (_told, _toldMerged) = (last.Number, last.Layout.Merged);
            }

            return counts;
        }
    }

    private void Prepare()
    {
        _waiting.Clear();
        if (_last is not { } last)
        {
            return;
        }

        var policies = Policies(last.Page, last.Layout).ToList();
        var denied = last.Page.Denied.Where(d => d.Value.ChangedIn > _told || _told < 0).Select(d => Write(d.Key, d.Value, last.Layout)).ToList();

        // Two readings in a row that found nothing: the first has told that the rates are zero.
        var silent = policies.Count == 0 && denied.Count == 0;
        if (silent && _lastWasSilent)
        {
            (_told, _toldMerged) = (last.Number, last.Layout.Merged);
            return;
        }

        _lastWasSilent = silent;
        var counts = Portion(last);
        counts.Denied.Add(denied);
        _waiting.Enqueue(counts);
        var rules = 0;
        foreach (var policy in policies)
        {
            if (rules > 0 && rules + policy.Rules.Count > RulesPerReport)
            {
                counts.More = true;
                _waiting.Enqueue(counts = Portion(last));
                rules = 0;
            }

            counts.Policies.Add(policy);
            rules += policy.Rules.Count;
        }
    }

    private IEnumerable<PolicyCounts> Policies(CounterPage page, CountedLayout layout)
    {
        var changed = page.Rules.Where(r => r.Value.ChangedIn > _told || _told < 0).GroupBy(r => (r.Key.Policy, r.Key.Tier)).ToList();
        foreach (var policy in changed)
        {
            yield return new PolicyCounts
            {
                Policy = policy.Key.Policy,
                Tier = Wire(policy.Key.Tier),
                Merged = layout.Merged.Contains(policy.Key.Policy),
                Rules = { policy.Select(r => Write(r.Key, r.Value)) },
            };
        }

        var named = changed.Select(c => c.Key.Policy).ToHashSet(StringComparer.Ordinal);
        foreach (var policy in layout.Merged.SymmetricExcept(_toldMerged).Where(p => !named.Contains(p)).Order(StringComparer.Ordinal))
        {
            yield return new PolicyCounts { Policy = policy, Merged = layout.Merged.Contains(policy) };
        }
    }

    private static Counts Portion((CounterPage Page, long Number, CountedLayout Layout, DateTimeOffset Since, DateTimeOffset Time, TimeSpan? Interval) last)
    {
        var counts = new Counts
        {
            Since = Timestamp.FromDateTimeOffset(last.Since),
            Time = Timestamp.FromDateTimeOffset(last.Time),
            DeniedPackets = last.Page.Dropped.Packets,
            DeniedBytes = last.Page.Dropped.Bytes,
        };
        if (last.Interval is { } interval)
        {
            counts.Interval = Duration.FromTimeSpan(interval);
        }

        return counts;
    }

    private static RuleCounts Write(CountedRule rule, CountedTotal total) => new()
    {
        Rule = rule.Rule,
        Direction = Wire(rule.Direction),
        Staged = rule.Staged,
        Packets = total.Counter.Packets,
        Bytes = total.Counter.Bytes,
        LastHit = Hit(total),
    };

    private static DeniedCounts Write(DeniedGroup group, CountedTotal total, CountedLayout layout)
    {
        var endpoints = layout.EndpointsOf(group);
        return new DeniedCounts
        {
            Direction = Wire(group.Direction),
            Profile = group.Profile,
            Tenant = endpoints.IsEmpty ? "" : endpoints[0].Endpoint.Split('/')[0],
            Endpoints = { endpoints.Take(EndpointsPerGroup).Select(e => e.Endpoint) },
            EndpointCount = (uint)endpoints.Length,
            Packets = total.Counter.Packets,
            Bytes = total.Counter.Bytes,
            LastHit = Hit(total),
        };
    }

    private static Timestamp? Hit(CountedTotal total) => total.LastHit == DateTimeOffset.MinValue ? null : Timestamp.FromDateTimeOffset(total.LastHit);

    private static Direction Wire(ModelDirection direction) => direction switch
    {
        ModelDirection.Ingress => Direction.Ingress,
        ModelDirection.Egress => Direction.Egress,
        _ => Direction.Unspecified,
    };

    private static Tier Wire(ModelTier tier) => tier switch
    {
        ModelTier.Admin => Tier.Admin,
        ModelTier.Tenant => Tier.Tenant,
        ModelTier.Baseline => Tier.Baseline,
        _ => Tier.Unspecified,
    };
}
