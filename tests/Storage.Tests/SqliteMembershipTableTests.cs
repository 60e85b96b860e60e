using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Shouldly;
using Vallum.Silo.Storage.Sqlite;
using Vallum.Storage.Tests.Backends;
using Xunit;

namespace Vallum.Storage.Tests;

/// <summary>What Orleans asks of a membership table, with two of them over one file.</summary>
public sealed class SqliteMembershipTableTests : IAsyncLifetime
{
    private static readonly DateTime Now = new(2030, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();
    private SqliteStore _firstStore = null!;
    private SqliteStore _secondStore = null!;
    private IMembershipTable _first = null!;
    private IMembershipTable _second = null!;

    public async ValueTask InitializeAsync()
    {
        (_firstStore, _secondStore) = (Open(), Open());
        (_first, _second) = (await OpenTableAsync(_firstStore), await OpenTableAsync(_secondStore));
    }

    public async ValueTask DisposeAsync()
    {
        await _firstStore.DisposeAsync();
        await _secondStore.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_table_has_version_0_and_nobody_in_it()
    {
        var table = await ReadAll(_second);

        table.Members.ShouldBeEmpty();
        table.Version.Version.ShouldBe(0);
        table.Version.VersionEtag.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_silo_that_one_inserts_is_read_by_the_other_with_all_its_fields()
    {
        var entry = Entry(1);
        entry.Status = SiloStatus.ShuttingDown;
        entry.AddSuspector(Entry(2).SiloAddress, Now.AddSeconds(3));
        entry.AddSuspector(Entry(3).SiloAddress, Now.AddSeconds(4));
        await Insert(_first, entry);

        var table = await _second.ReadRowAsync(entry.SiloAddress, CancellationToken.None);

        table.Version.Version.ShouldBe(1);
        table.Members.ShouldHaveSingleItem().Item1.ToFullString().ShouldBe(entry.ToFullString());
        table.Members[0].Item1.SuspectTimes.ShouldBe(entry.SuspectTimes);
        table.Members[0].Item1.SiloName.ShouldBe("silo-1");
    }

    [Fact]
    public async Task A_row_that_is_not_there_is_read_as_an_empty_table()
    {
        await Insert(_first, Entry(1));

        (await _first.ReadRowAsync(Entry(2).SiloAddress, CancellationToken.None)).Members.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_inserts_from_the_same_version_are_one_insert()
    {
        var version = (await ReadAll(_first)).Version.Next();

        var outcomes = await Task.WhenAll(
            _first.InsertRowAsync(Entry(1), version, CancellationToken.None),
            _second.InsertRowAsync(Entry(2), version, CancellationToken.None));

        outcomes.Count(inserted => inserted).ShouldBe(1);
        var table = await ReadAll(_first);
        table.Members.Count.ShouldBe(1);
        table.Version.Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_silo_is_inserted_once_and_the_refused_insert_moves_no_version()
    {
        await Insert(_first, Entry(1));

        (await _second.InsertRowAsync(Entry(1), (await ReadAll(_second)).Version.Next(), CancellationToken.None)).ShouldBeFalse();

        (await ReadAll(_first)).Version.Version.ShouldBe(1);
    }

    [Fact]
    public async Task An_update_needs_the_row_and_the_version_that_were_read()
    {
        await Insert(_first, Entry(1));
        var early = await ReadAll(_first);
        var (entry, etag) = early.Members[0];
        entry.Status = SiloStatus.Active;
        (await _second.UpdateRowAsync(entry, etag, early.Version.Next(), CancellationToken.None)).ShouldBeTrue();

        var late = await ReadAll(_first);
        late.Version.Version.ShouldBe(2);
        late.Members[0].Item1.Status.ShouldBe(SiloStatus.Active);
        (await _first.UpdateRowAsync(entry, etag, late.Version.Next(), CancellationToken.None)).ShouldBeFalse("the row was read before the update");
        (await _first.UpdateRowAsync(entry, late.Members[0].Item2, early.Version.Next(), CancellationToken.None)).ShouldBeFalse("the version was");
        (await ReadAll(_second)).Version.ShouldBe(late.Version);
    }

    [Fact]
    public async Task A_heartbeat_moves_neither_the_row_nor_the_version()
    {
        await Insert(_first, Entry(1));
        var before = await ReadAll(_first);
        var beat = Entry(1);
        beat.IAmAliveTime = Now.AddMinutes(5);
        await _second.UpdateIAmAliveAsync(beat, CancellationToken.None);

        var after = await ReadAll(_first);

        after.Version.ShouldBe(before.Version);
        after.Members[0].Item2.ShouldBe(before.Members[0].Item2);
        after.Members[0].Item1.IAmAliveTime.ShouldBe(Now.AddMinutes(5));
    }

    [Fact]
    public async Task Cleaning_up_removes_the_silent_dead_and_spares_the_active_and_the_fresh()
    {
        foreach (var (number, status, silent) in new[]
        {
            (1, SiloStatus.Dead, 60), (2, SiloStatus.Dead, 0), (3, SiloStatus.Active, 60), (4, SiloStatus.Joining, 60),
        })
        {
            var entry = Entry(number);
            entry.Status = status;
            entry.StartTime = entry.IAmAliveTime = Now.AddMinutes(-silent);
            await Insert(_first, entry);
        }

        await _second.CleanupDefunctSiloEntriesAsync(Now.AddMinutes(-30), CancellationToken.None);

        (await ReadAll(_first)).Members.Select(row => row.Item1.SiloName).Order().ShouldBe(["silo-2", "silo-3"]);
    }

    [Fact]
    public async Task Clusters_in_one_file_do_not_see_each_other_and_are_deleted_alone()
    {
        var other = await OpenTableAsync(_firstStore, "other");
        await Insert(_first, Entry(1));
        await Insert(other, Entry(2));

        await _first.DeleteMembershipTableEntriesAsync("other", CancellationToken.None);

        (await ReadAll(other)).Members.ShouldBeEmpty();
        (await ReadAll(_second)).Members.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Gateways_are_the_active_silos_that_take_clients()
    {
        foreach (var (number, status, port) in new[] { (1, SiloStatus.Active, 30001), (2, SiloStatus.Active, 0), (3, SiloStatus.Dead, 30003) })
        {
            var entry = Entry(number);
            (entry.Status, entry.ProxyPort) = (status, port);
            await Insert(_first, entry);
        }

        var gateways = await new SqliteGatewayList(_second, Options.Create(new GatewayOptions())).GetGateways();

        gateways.ShouldHaveSingleItem().Port.ShouldBe(30001);
    }

    private static MembershipEntry Entry(int number) => new()
    {
        SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11000 + number), number),
        SiloName = $"silo-{number}",
        HostName = "host",
        Status = SiloStatus.Joining,
        ProxyPort = 30000 + number,
        StartTime = Now,
        IAmAliveTime = Now,
        SuspectTimes = [],
    };

    private static async Task<IMembershipTable> OpenTableAsync(SqliteStore store, string cluster = "vallum")
    {
        IMembershipTable table = new SqliteMembershipTable(store, Options.Create(new ClusterOptions { ClusterId = cluster, ServiceId = cluster }));
        await table.InitializeMembershipTableAsync(true, CancellationToken.None);
        return table;
    }

    private static Task<MembershipTableData> ReadAll(IMembershipTable table) => table.ReadAllAsync(CancellationToken.None);

    private static async Task Insert(IMembershipTable table, MembershipEntry entry) =>
        (await table.InsertRowAsync(entry, (await ReadAll(table)).Version.Next(), CancellationToken.None)).ShouldBeTrue();

    private SqliteStore Open() => new(Options.Create(new SqliteStoreOptions { Path = Path.Combine(_folder.Path, "vallum.db") }));
}
