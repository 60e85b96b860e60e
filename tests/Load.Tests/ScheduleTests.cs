using Vallum.Load.OpenLoop;

namespace Vallum.Load.Tests;

public class ScheduleTests
{
    [Fact]
    public void At_a_steady_rate_starts_are_evenly_apart()
    {
        var schedule = Schedule.Of(Given.Profile(0, Given.Stage(100, 2)));

        schedule.Count.ShouldBe(200);
        for (var number = 0; number < 200; number++)
        {
            schedule.StartOf(number).TotalMilliseconds.ShouldBe(number * 10, 0.001);
        }
    }

    [Fact]
    public void The_warm_up_comes_before_the_first_stage_at_its_rate()
    {
        var schedule = Schedule.Of(Given.Profile(3, Given.Stage(10, 1)));

        schedule.Count.ShouldBe(40);
        schedule.StartOf(29).TotalSeconds.ShouldBe(2.9, 1e-6);
        schedule.StartOf(30).TotalSeconds.ShouldBe(3, 1e-6);
    }

    [Fact]
    public void A_ramp_begins_at_the_rate_before_it_and_ends_at_its_own()
    {
        var schedule = Schedule.Of(Given.Profile(0, Given.Stage(10, 1), Given.Stage(30, 10, ramp: true), Given.Stage(30, 1)));

        // 10, then on average 20 for 10 s, then 30.
        schedule.Count.ShouldBe(10 + 200 + 30);
        Apart(10).ShouldBe(0.1, 0.005);
        Apart(208).ShouldBe(1 / 30.0, 0.001);
        schedule.StartOf(210).TotalSeconds.ShouldBe(11, 1e-6);

        double Apart(long number) => (schedule.StartOf(number + 1) - schedule.StartOf(number)).TotalSeconds;
    }

    [Fact]
    public void A_ramp_may_begin_at_nothing_and_go_down()
    {
        var schedule = Schedule.Of(Given.Profile(0, Given.Stage(100, 4, ramp: true), Given.Stage(10, 4, ramp: true)));

        schedule.Count.ShouldBe(200 + 220);
        var starts = Enumerable.Range(0, (int)schedule.Count).Select(number => schedule.StartOf(number)).ToList();
        starts.ShouldBe(starts.Order());
        starts[0].ShouldBe(TimeSpan.Zero);
        starts[^1].ShouldBeLessThan(TimeSpan.FromSeconds(8));
    }
}
