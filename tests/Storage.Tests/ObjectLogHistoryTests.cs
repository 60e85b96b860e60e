using CsCheck;
using Vallum.Storage.Tests.Backends;
using Vallum.Storage.Tests.Faults;
using Xunit;

namespace Vallum.Storage.Tests;

/// <summary>Random lives of a log: owners that append a while and then close, fail at some call, or are simply forgotten with calls of theirs to come.</summary>
public sealed class ObjectLogHistoryTests
{
    private static readonly Gen<(int Batches, int AtOnce, int FailingCall, Fault Fault)[]> Owners = Gen.Select(
        Gen.Int[0, 60],
        Gen.Int[1, 8],
        Gen.Int[0, 150],
        Gen.Int[0, (int)Fault.CrashAfterCommit],
        (batches, atOnce, failing, fault) => (batches, atOnce, failing, (Fault)fault)).Array[1, 12];

    [Fact]
    public async Task Whatever_its_owners_suffer_a_log_holds_what_it_acknowledged_in_order_and_once() => await Gen.Select(Gen.Int, Owners).SampleAsync(
        async (seed, owners) =>
        {
            var history = new History(seed, length: 400);
            var backend = new MemoryBackend();
            foreach (var (batches, atOnce, failing, fault) in owners)
            {
                var before = await LogUnderTest.OpenAsync(backend);
                var (acknowledged, appended) = (before.Committed.Revision, before.Committed.Revision);
                try
                {
                    var log = await LogUnderTest.OpenAsync(new FaultyStorage(backend) { FaultOf = (call, _) => call == failing ? fault : Fault.None });
                    (acknowledged, appended) = await LogUnderTest.AppendAsync(log, history.After(log.Committed.Revision).Take(batches), atOnce);
                }
                catch (Exception failure) when (failure is IOException or Orleans.Storage.InconsistentStateException)
                {
                }

                var after = await LogUnderTest.OpenAsync(backend);
                history.ShouldBeIn(after, acknowledged, appended);
                await history.RequestsShouldBeIn(after, LogUnderTest.Remembered);
                await history.PastShouldBeIn(after, atOnce);
            }
        },
        iter: 150);
}
