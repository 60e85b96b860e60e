using Microsoft.Extensions.Options;
using Shouldly;
using Vallum.Silo.Storage.Sqlite;
using Vallum.Storage.Tests.Backends;
using Xunit;

namespace Vallum.Storage.Tests;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_that_wait_together_share_a_transaction()
    {
        await using var store = Open();
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var first = store.WriteAsync(session =>
        {
            entered.Set();
            release.Wait(TestContext.Current.CancellationToken);
            return Insert(session, "first");
        });
        entered.Wait(TestContext.Current.CancellationToken);
        var waiting = Enumerable.Range(0, 50).Select(number => store.WriteAsync(session => Insert(session, $"row-{number}"))).ToList();
        release.Set();
        await Task.WhenAll([first, .. waiting]);

        store.Committed.ShouldBe((2, 51));
        (await CountAsync(store)).ShouldBe(51);
    }

    [Fact]
    public async Task A_write_that_throws_undoes_itself_and_not_its_companions()
    {
        await using var store = Open();
        var good = store.WriteAsync(session => Insert(session, "good"));
        var bad = store.WriteAsync<int>(session =>
        {
            Insert(session, "bad");
            throw new InvalidOperationException("refused");
        });
        var other = store.WriteAsync(session => Insert(session, "other"));

        await good;
        await other;
        (await Should.ThrowAsync<InvalidOperationException>(() => bad)).Message.ShouldBe("refused");

        (await CountAsync(store)).ShouldBe(2);
    }

    [Fact]
    public async Task Two_stores_write_one_file_at_the_same_time()
    {
        await using var one = Open();
        await using var two = Open();
        await Task.WhenAll(Enumerable.Range(0, 400).Select(number => Task.Run(
            () => (number % 2 == 0 ? one : two).WriteAsync(session => Insert(session, $"row-{number}")))));

        (await CountAsync(one)).ShouldBe(400);
        (await CountAsync(two)).ShouldBe(400);
    }

    [Fact]
    public async Task A_closed_store_has_committed_what_it_took_and_takes_no_more()
    {
        var store = Open();
        var writes = Enumerable.Range(0, 100).Select(number => store.WriteAsync(session => Insert(session, $"row-{number}"))).ToList();
        await store.DisposeAsync();

        writes.ShouldAllBe(write => write.IsCompletedSuccessfully);
        Should.Throw<ObjectDisposedException>(() => store.WriteAsync(session => Insert(session, "late")));
        await Should.ThrowAsync<ObjectDisposedException>(() => CountAsync(store));
        File.Exists(Path.Combine(_folder.Path, "vallum.db-wal")).ShouldBeFalse("the write-ahead log is folded into the file");
        await using var opened = Open();
        (await CountAsync(opened)).ShouldBe(100);
    }

    [Fact]
    public async Task A_file_of_a_newer_release_is_refused()
    {
        await using (var store = Open())
        {
            await store.WriteAsync(session => session.Change("PRAGMA user_version = 99"));
        }

        Should.Throw<InvalidDataException>(Open).Message.ShouldContain("99");
    }

    [Theory]
    [InlineData("", 10_000, 4, "Path")]
    [InlineData("x.db", 1, 4, "BusyTimeout")]
    [InlineData("x.db", 100_000, 4, "BusyTimeout")]
    [InlineData("x.db", 10_000, 0, "IdleReadersCount")]
    public void Wrong_settings_are_named(string path, int busyMilliseconds, int readers, string setting)
    {
        var options = new SqliteStoreOptions { Path = path, BusyTimeout = TimeSpan.FromMilliseconds(busyMilliseconds), IdleReadersCount = readers };

        options.Faults().ShouldHaveSingleItem().ShouldStartWith(setting);
    }

    private static int Insert(SqliteSession session, string name) =>
        session.Change("INSERT INTO grain_state (grain, name, etag, data) VALUES ('g', $1, 'e', x'00')", name);

    private static Task<long> CountAsync(SqliteStore store) =>
        store.ReadAsync(session => (long)session.Prepared("SELECT count(*) FROM grain_state").ExecuteScalar()!);

    private SqliteStore Open() => new(Options.Create(new SqliteStoreOptions { Path = Path.Combine(_folder.Path, "vallum.db") }));
}
