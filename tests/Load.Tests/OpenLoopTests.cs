using Vallum.Load.OpenLoop;
using Vallum.Load.Results;
using Vallum.Scenarios;

namespace Vallum.Load.Tests;

public class OpenLoopTests
{
    private readonly FakePace _pace = new();
    private readonly List<Completion> _over = [];

    [Fact]
    public async Task Operations_behind_one_that_stalls_are_charged_from_their_intended_starts()
    {
        // 100 a second, one at a time, each takes 1 ms; the 51st takes a second: those that were due meanwhile waited.
        await RunAsync(Given.Stage(100, 3), mostOpen: 1, number => _pace.Advance(TimeSpan.FromMilliseconds(number == 50 ? 1_000 : 1)));

        _over.Count.ShouldBe(300);
        _over[49].Latency.ShouldBe(TimeSpan.FromMilliseconds(1));
        _over[50].Latency.ShouldBe(TimeSpan.FromSeconds(1));
        // It was due 10 ms later and done 1 ms after the one that stalled.
        _over[51].Latency.ShouldBe(TimeSpan.FromMilliseconds(991));
        _over[51].Service.ShouldBe(TimeSpan.FromMilliseconds(1));
        // Each further one is 9 ms less behind: 1,000 - 9 n is above 100 for the first hundred. After 111 nobody waits.
        _over.Count(one => one.Latency > TimeSpan.FromMilliseconds(100)).ShouldBe(100);
        _over[200].Latency.ShouldBe(TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task What_a_closed_loop_would_have_measured_hides_the_stall()
    {
        await RunAsync(Given.Stage(100, 3), mostOpen: 1, number => _pace.Advance(TimeSpan.FromMilliseconds(number == 50 ? 1_000 : 1)));

        var service = _over.Select(one => one.Service).Order().ToList();
        var latency = _over.Select(one => one.Latency).Order().ToList();
        service[(int)(service.Count * 0.99)].ShouldBe(TimeSpan.FromMilliseconds(1));
        latency[(int)(latency.Count * 0.99)].ShouldBeGreaterThan(TimeSpan.FromMilliseconds(900));
    }

    [Fact]
    public async Task The_next_operation_does_not_wait_for_the_one_before()
    {
        var open = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var schedule = Schedule.Of(Given.Profile(0, Given.Stage(10, 1)));

        // Nobody ends before all have begun.
        await new OpenLoopRun(schedule, _pace, 100, async (_, _) =>
        {
            if (Interlocked.Increment(ref open) == 10)
            {
                all.SetResult();
            }

            await all.Task;
            return Outcome.Done;
        }, Keep).RunAsync(TestContext.Current.CancellationToken);

        _over.Count.ShouldBe(10);
    }

    [Fact]
    public async Task Each_number_comes_once()
    {
        var numbers = new List<long>();
        await RunAsync(Given.Stage(100, 5), mostOpen: 1, numbers.Add);

        numbers.ShouldBe(Enumerable.Range(0, 500).Select(number => (long)number));
    }

    [Fact]
    public async Task An_exception_of_an_operation_ends_the_run_and_is_told()
    {
        var run = RunAsync(Given.Stage(10, 1), mostOpen: 1, number => throw new NotSupportedException($"operation {number}"));

        var thrown = await run.ShouldThrowAsync<InvalidOperationException>();
        thrown.InnerException.ShouldBeOfType<NotSupportedException>();
        _over.ShouldBeEmpty();
    }

    [Fact]
    public void What_should_have_started_in_the_warm_up_is_not_counted()
    {
        var recorder = new Recorder(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));
        recorder.Add(At(1.999, 5_000, Outcome.Done));
        recorder.Add(At(2, 7, Outcome.Of("ask")));
        recorder.Add(At(3.5, 9, new Outcome("ask", "Unavailable")));

        var (all, kinds, errors, intervals, _) = recorder.Results((_, _) => (null, null));

        (all.Done, all.Errors).ShouldBe((1, 1));
        all.Latency.Max.ShouldBe(7, 0.01);
        kinds.ShouldHaveSingleItem().Kind.ShouldBe("ask");
        errors.ShouldBe([new("Unavailable", 1)]);
        intervals.Select(interval => (interval.Due, interval.Done, interval.Errors)).ShouldBe([(1, 1, 0), (1, 0, 1)]);
        intervals[1].P50.ShouldBeNull();
    }

    [Fact]
    public void A_slow_operation_is_late_where_it_was_due_and_done_where_it_ended()
    {
        var recorder = new Recorder(TimeSpan.Zero, TimeSpan.FromSeconds(10));
        recorder.Add(At(0.5, 3_000, Outcome.Done));

        var intervals = recorder.Results((_, _) => (null, null)).Intervals;

        intervals[0].Due.ShouldBe(1);
        intervals[0].P50!.Value.ShouldBe(3_000, 30);
        intervals[0].Done.ShouldBe(0);
        intervals[3].Done.ShouldBe(1);
    }

    private static Completion At(double seconds, double milliseconds, Outcome outcome) =>
        new(TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(milliseconds), TimeSpan.FromMilliseconds(milliseconds), outcome);

    private Task RunAsync(Scenarios.Profiles.LoadStage stage, int mostOpen, Action<long> operation) =>
        new OpenLoopRun(Schedule.Of(Given.Profile(0, stage)), _pace, mostOpen, (number, _) =>
        {
            operation(number);
            return Task.FromResult(Outcome.Done);
        }, Keep).RunAsync(TestContext.Current.CancellationToken);

    private void Keep(Completion completion)
    {
        lock (_over)
        {
            _over.Add(completion);
        }
    }
}
