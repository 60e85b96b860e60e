using Vallum.Chaos.Schedules;

namespace Vallum.Chaos.Tests;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_schedule_is_the_same_for_the_same_seed_and_is_read_back_as_it_was_written(int seed)
    {
        var schedule = Schedule.Of(seed, TimeSpan.FromMinutes(5), ChaosPlan.Silos, storageCanFail: true);

        schedule.Faults.Length.ShouldBeGreaterThan(50);
        schedule.Faults.Select(fault => fault.Kind).Distinct().Count().ShouldBe(Enum.GetValues<FaultKind>().Length);
        Schedule.Of(seed, TimeSpan.FromMinutes(5), ChaosPlan.Silos, storageCanFail: true).ToString().ShouldBe(schedule.ToString());
        Schedule.Parse(schedule.ToString()).Faults.ShouldBe(schedule.Faults);
    }
}
