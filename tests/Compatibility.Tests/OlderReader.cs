using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Vallum.Silo.Storage.Log;
using Vallum.Silo.Storage.Log.History;

namespace Vallum.Compatibility.Tests;

/// <summary>A silo of before reads what this one writes.</summary>
public sealed class OlderReader
{
    private static readonly Serializer Serializer = new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    [Fact]
    public void The_manifest_is_read_without_what_it_does_not_know_and_forgets_that_when_it_is_written_anew()
    {
        var written = new LogManifest
        {
            Epoch = 7,
            FirstRow = 3,
            DroppedRevision = 1000,
            Layout = new SnapshotLayout(2, 8),
            NextRequestRow = 4,
            Leftovers = new Leftovers { FirstRow = 1, FirstCalmHistoryRow = 2 },
            CalmHistory = new HistoryRange(2, 9, 500_000),
        };

        var read = Serializer.Deserialize<ManifestOfBefore>(Serializer.SerializeToArray(written)).ShouldNotBeNull();
        (read.Epoch, read.FirstRow, read.DroppedRevision, read.Layout, read.NextRequestRow).ShouldBe((7, 3, 1000, written.Layout, 4));

        // docs/contracts.md: what going back loses.
        var back = Serializer.Deserialize<LogManifest>(Serializer.SerializeToArray(read with { Epoch = 8 })).ShouldNotBeNull();
        back.FirstRow.ShouldBe(3);
        back.CalmHistory.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void A_change_is_read_without_the_state_before()
    {
        var stored = new StoredObject { Content = new byte[] { 1, 2, 3 }, Uid = "u", Generation = 1, Revision = 5 };
        var read = Serializer.Deserialize<ChangeOfBefore>(Serializer.SerializeToArray(new ObjectChange { Kind = 6, Name = "db", Object = stored, Before = stored }));

        read.ShouldBe(new ChangeOfBefore { Kind = 6, Name = "db", Object = stored });
    }
}

/// <summary>The manifest as it was before there was history.</summary>
[GenerateSerializer, Alias("vallum.tests.manifestOfBefore")]
internal sealed record ManifestOfBefore
{
    [Id(0)]
    public long Epoch { get; init; }

    [Id(1)]
    public long FirstRow { get; init; }

    [Id(2)]
    public long DroppedRevision { get; init; }

    [Id(3)]
    public long SnapshotRevision { get; init; }

    [Id(4)]
    public SnapshotLayout Layout { get; init; } = SnapshotLayout.None;

    [Id(5)]
    public long FirstRequestRow { get; init; }

    [Id(6)]
    public long NextRequestRow { get; init; }

    [Id(7)]
    public Leftovers? Leftovers { get; init; }
}

/// <summary>A change as it was before there was history.</summary>
[GenerateSerializer, Alias("vallum.tests.changeOfBefore")]
internal sealed record ChangeOfBefore
{
    [Id(0)]
    public int Kind { get; init; }

    [Id(1)]
    public string Name { get; init; } = "";

    [Id(2)]
    public StoredObject? Object { get; init; }
}
