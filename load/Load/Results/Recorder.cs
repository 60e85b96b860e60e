using System.Collections.Immutable;
using Vallum.Load.Measuring;
using Vallum.Load.OpenLoop;

namespace Vallum.Load.Results;

/// <summary>Counts operations as they end, from several threads.</summary>
/// <param name="warmUp">What should have started before that is not counted.</param>
internal sealed class Recorder(TimeSpan warmUp, TimeSpan duration)
{
    private const int MostIntervals = 120;

    private readonly Lock _gate = new();
    private readonly Tally _all = new("");
    private readonly SortedDictionary<string, Tally> _kinds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _errors = new(StringComparer.Ordinal);
    private readonly List<Slot> _slots = [];
    private TimeSpan _end = duration;

    /// <summary>At least a second.</summary>
    public TimeSpan Width { get; } = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(duration.TotalSeconds / MostIntervals)));

    /// <summary>Done, failed, p50 and p99 in milliseconds so far: for a line while it runs.</summary>
    public (long Done, long Errors, double P50, double P99) Total
    {
        get
        {
            lock (_gate)
            {
                return (_all.Done, _all.Errors, _all.Latency.P50, _all.Latency.P99);
            }
        }
    }

    public void Add(Completion completion)
    {
        var intended = completion.Intended - warmUp;
        if (intended < TimeSpan.Zero)
        {
            return;
        }

        var end = intended + completion.Latency;
        lock (_gate)
        {
            _end = end > _end ? end : _end;
            var due = SlotAt(intended);
            due.Due++;
            _all.Add(completion);
            if (completion.Outcome.Kind is { Length: > 0 } kind)
            {
                (_kinds.TryGetValue(kind, out var tally) ? tally : _kinds[kind] = new Tally(kind)).Add(completion);
            }

            if (completion.Outcome.IsDone)
            {
                due.Latency.Add(completion.Latency);
                SlotAt(end).Done++;
            }
            else
            {
                SlotAt(end).Errors++;
                _errors[completion.Outcome.Error] = _errors.GetValueOrDefault(completion.Outcome.Error) + 1;
            }
        }
    }

    /// <param name="usage">By interval; null where it is not known.</param>
    public (OperationsResult All, ImmutableArray<OperationsResult> Kinds, ImmutableSortedDictionary<string, long> Errors, ImmutableArray<IntervalResult> Intervals, ImmutableArray<PercentileResult> Curve)
        Results(Func<TimeSpan, TimeSpan, (double? Cores, double? Memory)> usage)
    {
        lock (_gate)
        {
            return (
                _all.Result(_end),
                [.. _kinds.Values.Select(kind => kind.Result(_end))],
                _errors.ToImmutableSortedDictionary(StringComparer.Ordinal),
                [.. _slots.Select((slot, index) => slot.Result(index * Width, Width, usage))],
                _all.Curve());
        }
    }

    private Slot SlotAt(TimeSpan time)
    {
        var index = (int)(time / Width);
        while (_slots.Count <= index)
        {
            _slots.Add(new Slot());
        }

        return _slots[index];
    }

    private sealed class Tally(string kind)
    {
        private readonly Latency _service = new();

        public Latency Latency { get; } = new();

        public long Done { get; private set; }

        public long Errors { get; private set; }

        public void Add(Completion completion)
        {
            if (!completion.Outcome.IsDone)
            {
                Errors++;
                return;
            }

            Done++;
            Latency.Add(completion.Latency);
            _service.Add(completion.Service);
        }

        public OperationsResult Result(TimeSpan length) => new(kind, Done, Errors, Done / length.TotalSeconds, Of(Latency), Of(_service));

        /// <summary>Ten points for each further nine, as long as there are operations beyond it.</summary>
        public ImmutableArray<PercentileResult> Curve() =>
        [
            .. Enumerable.Range(0, 51).Select(step => 1 - Math.Pow(10, -step / 10.0))
                .Where(share => Done * (1 - share) >= 1)
                .Select(share => new PercentileResult(Math.Round(share * 100, 5), Latency.Milliseconds(share * 100))),
        ];

        private static LatencyResult Of(Latency latency) => latency.Count == 0
            ? new LatencyResult(0, 0, 0, 0, 0)
            : new LatencyResult(latency.P50, latency.P90, latency.P99, latency.P999, latency.Max);
    }

    private sealed class Slot
    {
        public Latency Latency { get; } = new(2);

        public long Due { get; set; }

        public long Done { get; set; }

        public long Errors { get; set; }

        public IntervalResult Result(TimeSpan from, TimeSpan width, Func<TimeSpan, TimeSpan, (double? Cores, double? Memory)> usage)
        {
            var (cores, memory) = usage(from, from + width);
            double? At(double percentile) => Latency.Count == 0 ? null : Latency.Milliseconds(percentile);
            return new IntervalResult(from.TotalSeconds, width.TotalSeconds, Due / width.TotalSeconds, Done / width.TotalSeconds, Errors, At(50), At(90), At(99), At(100), cores, memory);
        }
    }
}
