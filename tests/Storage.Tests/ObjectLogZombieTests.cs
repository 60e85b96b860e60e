using Shouldly;
using Vallum.Storage.Tests.Backends;
using Vallum.Storage.Tests.Faults;
using Xunit;

namespace Vallum.Storage.Tests;

/// <summary>An owner that is stopped at some storage call, and goes on when another has long had its log, as after SIGSTOP and SIGCONT.</summary>
public sealed class ObjectLogZombieTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(60)]
    public async Task An_owner_that_slept_at_any_call_harms_nothing_when_it_wakes(int batchesMeanwhile)
    {
        var history = new History(seed: 4, length: 80);
        for (var (stopping, stopped) = (0, true); stopped; stopping++)
        {
            var backend = new MemoryBackend();
            var asleep = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var awake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var stoppingAt = stopping;
            var storage = new FaultyStorage(backend)
            {
                BeforeCall = (call, _) =>
                {
                    if (call != stoppingAt)
                    {
                        return Task.CompletedTask;
                    }

                    asleep.SetResult();
                    return awake.Task;
                },
            };
            var zombie = RunAsync(storage, history, batches: 40);
            await Task.WhenAny(asleep.Task, zombie);
            stopped = asleep.Task.IsCompleted;

            var owner = await LogUnderTest.OpenAsync(backend);
            var ownerBegan = owner.Committed.Revision;
            var (acknowledged, _) = await LogUnderTest.AppendAsync(owner, history.After(owner.Committed.Revision).Take(batchesMeanwhile / 2));
            awake.SetResult();
            var (zombieBegan, zombieAcknowledged, zombieOwns) = await zombie;
            if (!zombieOwns)
            {
                (acknowledged, _) = await LogUnderTest.AppendAsync(owner, history.After(owner.Head.Revision).Take(batchesMeanwhile / 2));
            }

            await owner.CloseAsync();
            (zombieAcknowledged <= ownerBegan || acknowledged <= zombieBegan).ShouldBeTrue(
                $"both acknowledged the same revisions: ({zombieBegan}, {zombieAcknowledged}] and ({ownerBegan}, {acknowledged}]");
            var opened = await LogUnderTest.OpenAsync(backend);
            history.ShouldBeIn(opened, Math.Max(acknowledged, zombieAcknowledged), history.Batches.Count);
            await history.RequestsShouldBeIn(opened, LogUnderTest.Remembered);
            await history.PastShouldBeIn(opened);
            await LogUnderTest.AppendAsync(opened, history.After(opened.Committed.Revision));
            await opened.CloseAsync();
            var last = await LogUnderTest.OpenAsync(backend);
            history.ShouldBeIn(last, history.Batches.Count, history.Batches.Count);
            await history.PastShouldBeIn(last);
        }
    }

    private static async Task<(long Began, long Acknowledged, bool Owns)> RunAsync(FaultyStorage storage, History history, int batches)
    {
        try
        {
            var log = await LogUnderTest.OpenAsync(storage);
            var began = log.Committed.Revision;
            var (acknowledged, _) = await LogUnderTest.AppendAsync(log, history.After(log.Committed.Revision).Take(batches));
            await log.CloseAsync();
            return (began, acknowledged, !log.IsFaulted);
        }
        catch (Orleans.Storage.InconsistentStateException)
        {
            return (0, 0, false);
        }
    }
}
