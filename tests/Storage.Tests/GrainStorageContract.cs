using Orleans.Storage;
using Shouldly;
using Vallum.Storage.Tests.Backends;
using Xunit;

namespace Vallum.Storage.Tests;

/// <summary>What the silo asks of whatever keeps its grains' state.</summary>
public abstract class GrainStorageContract : IAsyncLifetime
{
    private static readonly GrainId Grain = GrainId.Create("tenant", "acme");

    private StorageBackend _backend = null!;

    private IGrainStorage Storage => _backend.Storage;

    public async ValueTask InitializeAsync() => _backend = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_state_that_was_never_written_is_empty_and_has_no_etag()
    {
        var state = await Read("row");

        state.RecordExists.ShouldBeFalse();
        state.ETag.ShouldBeNull();
    }

    [Fact]
    public async Task What_was_written_is_read_also_after_opening_anew()
    {
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        await Write("row", new Note { Text = "ünïcödé", Bytes = bytes });
        await _backend.ReopenAsync();

        var state = await Read("row");

        state.RecordExists.ShouldBeTrue();
        var note = state.State.ShouldNotBeNull();
        note.Text.ShouldBe("ünïcödé");
        note.Bytes.ToArray().ShouldBe(bytes);
    }

    [Fact]
    public async Task Every_write_changes_the_etag_and_a_read_tells_it()
    {
        var state = await Write("row", new Note { Text = "one" });
        var first = state.ETag;
        state.State = new Note { Text = "two" };
        await Storage.WriteStateAsync("row", Grain, state);

        state.ETag.ShouldNotBe(first);
        (await Read("row")).ETag.ShouldBe(state.ETag);
    }

    [Fact]
    public async Task A_write_with_an_etag_that_has_passed_is_refused_and_changes_nothing()
    {
        var early = await Write("row", new Note { Text = "one" });
        var late = await Read("row");
        late.State = new Note { Text = "two" };
        await Storage.WriteStateAsync("row", Grain, late);

        early.State = new Note { Text = "three" };
        await Should.ThrowAsync<InconsistentStateException>(() => Storage.WriteStateAsync("row", Grain, early));

        (await ReadText("row")).ShouldBe("two");
    }

    [Fact]
    public async Task A_first_write_is_refused_when_the_state_is_there()
    {
        await Write("row", new Note { Text = "one" });

        await Should.ThrowAsync<InconsistentStateException>(() => Write("row", new Note { Text = "two" }));
    }

    [Fact]
    public async Task A_write_with_an_etag_is_refused_when_the_state_is_gone()
    {
        var early = await Write("row", new Note { Text = "one" });
        await Storage.ClearStateAsync("row", Grain, await Read("row"));

        await Should.ThrowAsync<InconsistentStateException>(() => Storage.WriteStateAsync("row", Grain, early));
    }

    [Fact]
    public async Task A_cleared_state_is_gone_and_may_be_written_again()
    {
        var state = await Write("row", new Note { Text = "one" });
        await Storage.ClearStateAsync("row", Grain, state);
        state.RecordExists.ShouldBeFalse();
        (await Read("row")).RecordExists.ShouldBeFalse();

        await Write("row", new Note { Text = "two" });

        (await ReadText("row")).ShouldBe("two");
    }

    [Fact]
    public async Task A_clear_with_an_etag_that_has_passed_is_refused()
    {
        var early = await Write("row", new Note { Text = "one" });
        var late = await Read("row");
        await Storage.WriteStateAsync("row", Grain, late);

        await Should.ThrowAsync<InconsistentStateException>(() => Storage.ClearStateAsync("row", Grain, early));

        (await Read("row")).RecordExists.ShouldBeTrue();
    }

    [Fact]
    public async Task States_differ_by_name_and_by_grain()
    {
        await Write("row.1", new Note { Text = "one" });
        await Write("row.2", new Note { Text = "two" });
        var other = new GrainState<Note> { State = new Note { Text = "other" } };
        await Storage.WriteStateAsync("row.1", GrainId.Create("tenant", "other"), other);

        (await ReadText("row.1")).ShouldBe("one");
        (await ReadText("row.2")).ShouldBe("two");
    }

    [Fact]
    public async Task Of_writers_that_race_from_one_etag_exactly_one_wins()
    {
        await Write("row", new Note { Text = "start" });
        for (var round = 0; round < 20; round++)
        {
            var states = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Read("row")));
            var outcomes = await Task.WhenAll(states.Select((state, writer) => Task.Run(() => TryWrite(state, $"{round}.{writer}"))));

            var winner = outcomes.Where(outcome => outcome is not null).ShouldHaveSingleItem();
            (await ReadText("row")).ShouldBe(winner);
        }
    }

    protected abstract Task<StorageBackend> StartAsync();

    private async Task<string?> TryWrite(GrainState<Note> state, string text)
    {
        try
        {
            state.State = new Note { Text = text };
            await Storage.WriteStateAsync("row", Grain, state);
            return text;
        }
        catch (InconsistentStateException)
        {
            return null;
        }
    }

    private async Task<GrainState<Note>> Read(string name)
    {
        var state = new GrainState<Note>();
        await Storage.ReadStateAsync(name, Grain, state);
        return state;
    }

    private async Task<string?> ReadText(string name) => (await Read(name)).State?.Text;

    private async Task<GrainState<Note>> Write(string name, Note note)
    {
        var state = new GrainState<Note> { State = note };
        await Storage.WriteStateAsync(name, Grain, state);
        return state;
    }
}

public sealed class MemoryGrainStorageTests : GrainStorageContract
{
    protected override Task<StorageBackend> StartAsync() => Task.FromResult<StorageBackend>(new MemoryBackend());
}

public sealed class SqliteGrainStorageTests : GrainStorageContract
{
    protected override Task<StorageBackend> StartAsync() => Task.FromResult<StorageBackend>(new SqliteBackend());
}

public sealed class RedisGrainStorageTests(RedisServer server) : GrainStorageContract
{
    protected override async Task<StorageBackend> StartAsync() => await RedisBackend.StartAsync(server);
}
