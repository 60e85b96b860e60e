using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Held;
using Vallum.NodeAgent.Tests.Wire;

namespace Vallum.NodeAgent.Tests;

public sealed class StateLogTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Log => Path.Combine(_directory.Path, "held.log");

    [Fact]
    public void A_file_cut_at_any_byte_holds_the_updates_before_the_cut_and_takes_new_ones()
    {
        var wanted = WireState.Web("10.9.0.1/32");
        Update[] updates =
        [
            wanted.Snapshot(1),
            wanted.Change(2, ResourceKind.Group, "clients", [WireState.Member("10.9.0.2/32")], []),
            wanted.Change(3, ResourceKind.Group, "clients", [], [WireState.Member("10.9.0.1/32")]),
        ];
        var digests = updates.Select(u => u.HeldDigest.ToByteArray()).Prepend(new byte[16]).Select(Convert.ToHexString).ToArray();
        using (var log = StateLog.Open(Log, _ => { }))
        {
            log.Append(updates);
        }

        var whole = File.ReadAllBytes(Log);
        var seen = new HashSet<string>();
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Log, whole[..length]);
            var held = Read(out var log);
            using (log)
            {
                var now = Convert.ToHexString(held.Total.ToBytes());
                digests.ShouldContain(now);
                seen.Add(now);
                log.Append(updates.Skip(Array.IndexOf(digests, now)));
            }

            var after = Read(out var again);
            again.Dispose();
            Convert.ToHexString(after.Total.ToBytes()).ShouldBe(digests[^1]);
        }

        seen.ShouldBe(digests, ignoreOrder: true);
    }

    [Fact]
    public void A_damaged_byte_ends_the_file_there()
    {
        var wanted = WireState.Web("10.9.0.1/32");
        var first = wanted.Snapshot(1);
        using (var log = StateLog.Open(Log, _ => { }))
        {
            log.Append([first, wanted.Change(2, ResourceKind.Group, "clients", [WireState.Member("10.9.0.2/32")], [])]);
        }

        var bytes = File.ReadAllBytes(Log);
        bytes[^3] ^= 1;
        File.WriteAllBytes(Log, bytes);
        var held = Read(out var opened);
        opened.Dispose();
        held.Total.ToBytes().ShouldBe(first.HeldDigest.ToByteArray());
    }

    [Fact]
    public void The_parts_of_an_update_count_together_or_not_at_all()
    {
        var wanted = WireState.Web();
        var whole = wanted.Snapshot(1);
        using (var log = StateLog.Open(Log, _ => { }))
        {
            log.Append([new Update { Nonce = 1, More = true, Resources = { whole.Resources } }]);
        }

        var held = Read(out var opened);
        opened.Dispose();
        held.Count.ShouldBe(0);
        new FileInfo(Log).Length.ShouldBe(0);
    }

    [Fact]
    public void A_file_written_anew_says_the_same()
    {
        var wanted = WireState.Web([.. Enumerable.Range(0, 5000).Select(n => $"10.{n >> 8}.{n & 255}.0/24")]);
        var held = new HeldResources();
        held.Commit(held.Check([wanted.Snapshot(1)]));
        using (var log = StateLog.Open(Log, _ => { }))
        {
            log.Compact(held);
            log.Append([wanted.Change(2, ResourceKind.Group, "clients", [WireState.Member("10.255.0.2/32")], [])]);
        }

        var read = Read(out var opened);
        opened.Dispose();
        read.Total.ToBytes().ShouldBe(wanted.Total.ToByteArray());
    }

    public void Dispose() => _directory.Dispose();

    private HeldResources Read(out StateLog log)
    {
        var held = new HeldResources();
        log = StateLog.Open(Log, parts => held.Commit(held.Check(parts)));
        return held;
    }
}
