using System.Diagnostics;
using System.Globalization;
using Vallum.Chaos.Writing;
using Vallum.Contracts.Api.V1;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Load.Outages;

/// <summary>Writes to a tenant of its own, which no node needs, at a steady pace, each write until it is acknowledged.</summary>
internal sealed class PulseWriter(int number, IReadOnlyList<Uri> silos) : IDisposable
{
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private readonly ApiClient _api = new(silos, number);
    private readonly string _tenant = string.Create(CultureInfo.InvariantCulture, $"tenants/pulse{number}");
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _durations = [];
    private long _lastAnswer;
    private TimeSpan _longest;

    /// <summary>Gaps are measured from now on.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            (_lastAnswer, _longest) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
            _durations.Clear();
        }
    }

    /// <summary>Between two acknowledgements since <see cref="Reset"/>, or since the last one.</summary>
    public TimeSpan LongestGap
    {
        get
        {
            lock (_gate)
            {
                var open = Stopwatch.GetElapsedTime(_lastAnswer);
                return open > _longest ? open : _longest;
            }
        }
    }

    /// <summary>From the first try of a write to its acknowledgement, since <see cref="Reset"/>.</summary>
    public IReadOnlyList<TimeSpan> Durations
    {
        get
        {
            lock (_gate)
            {
                return [.. _durations];
            }
        }
    }

    /// <summary>See <see cref="ApiClient.Tried"/>.</summary>
    public Action<int, DateTime, Grpc.Core.Status>? Tried
    {
        set => _api.Tried = value;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var tenant = new Tenant { Name = _tenant, Metadata = new Metadata(), Spec = new TenantSpec() };
            for (var count = 0; !cancellationToken.IsCancellationRequested; count++)
            {
                var request = new ApplyRequest
                {
                    Objects = { count == 0 ? new ApiObject { Tenant = tenant.Clone() } : Segment(count) },
                    RequestId = string.Create(CultureInfo.InvariantCulture, $"pulse-{number}-{count}"),
                };
                var start = Stopwatch.GetTimestamp();
                await _api.ApplyAsync(request, cancellationToken);
                Note(start);
                var left = Pace - Stopwatch.GetElapsedTime(start);
                await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
            }
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is OperationCanceledException or Grpc.Core.RpcException)
        {
            // The run is over.
        }
    }

    public void Dispose() => _api.Dispose();

    private void Note(long start)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            var gap = Stopwatch.GetElapsedTime(_lastAnswer, now);
            _longest = gap > _longest ? gap : _longest;
            _lastAnswer = now;
            _durations.Add(Stopwatch.GetElapsedTime(start, now));
        }
    }

    // A change of the tenant itself would concern the directory too: this one is the tenant's own.
    private ApiObject Segment(int count) => new()
    {
        Segment = new Segment
        {
            Name = $"{_tenant}/segments/pulse",
            Metadata = new Metadata { Labels = { { "pulse", count.ToString(CultureInfo.InvariantCulture) } } },
            Spec = new SegmentSpec(),
        },
    };
}
