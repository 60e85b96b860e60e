using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Vallum.Silo.Storage.Sqlite;

/// <summary>
/// The cluster's members as rows of a <see cref="SqliteStore"/>: silos of one machine that share the file form a cluster. Every change of a row moves the
/// table's version in the same transaction, and is refused when the version is not the one that the writer has read.
/// </summary>
internal sealed class SqliteMembershipTable(SqliteStore store, IOptions<ClusterOptions> cluster) : IMembershipTable
{
    private const string Version = "SELECT version, etag FROM membership_version WHERE cluster = $1";
    private const string FirstVersion = "INSERT INTO membership_version (cluster, version, etag) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING";
    private const string NextVersion = "UPDATE membership_version SET version = $3, etag = $4 WHERE cluster = $1 AND etag = $2 AND version = $3 - 1";
    private const string DeleteVersion = "DELETE FROM membership_version WHERE cluster = $1";
    private const string DeleteMembers = "DELETE FROM membership WHERE cluster = $1";
    private const string DeleteMember = "DELETE FROM membership WHERE cluster = $1 AND silo = $2";
    private const string Alive = "UPDATE membership SET alive_time = $3 WHERE cluster = $1 AND silo = $2";

    private readonly string _cluster = cluster.Value.ClusterId;

    public Task InitializeMembershipTable(bool tryInitTableVersion) =>
        tryInitTableVersion ? store.WriteAsync(session => session.Change(FirstVersion, _cluster, NewETag())) : Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId) => store.WriteAsync(session =>
        session.Change(DeleteMembers, clusterId) + session.Change(DeleteVersion, clusterId));

    /// <summary>Removes the rows of silos that are dead, or not active and silent, since before <paramref name="beforeDate"/>.</summary>
    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => store.WriteAsync(session =>
    {
        var defunct = MemberRow.All(session, _cluster)
            .Where(row => row.Entry.Status != SiloStatus.Active && LastHeard(row.Entry) < beforeDate.UtcDateTime)
            .ToList();
        foreach (var row in defunct)
        {
            session.Change(DeleteMember, _cluster, row.Entry.SiloAddress.ToParsableString());
        }

        return defunct.Count;
    });

    public Task<MembershipTableData> ReadRow(SiloAddress key) =>
        InSnapshotAsync(session => Table(session, MemberRow.One(session, _cluster, key)));

    public Task<MembershipTableData> ReadAll() =>
        InSnapshotAsync(session => Table(session, MemberRow.All(session, _cluster)));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => store.WriteAsync(session =>
        MemberRow.One(session, _cluster, entry.SiloAddress).Count == 0
        && TryMove(session, tableVersion)
        && MemberRow.Write(session, _cluster, entry, NewETag()));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => store.WriteAsync(session =>
        MemberRow.One(session, _cluster, entry.SiloAddress) is [var stored]
        && stored.ETag == etag
        && TryMove(session, tableVersion)
        && MemberRow.Write(session, _cluster, entry, NewETag()));

    /// <summary>Notes the time only: neither the row's ETag nor the table's version moves, so that a heartbeat conflicts with nothing.</summary>
    public Task UpdateIAmAlive(MembershipEntry entry) => store.WriteAsync(session =>
        session.Change(Alive, _cluster, entry.SiloAddress.ToParsableString(), entry.IAmAliveTime.Ticks));

    private static DateTime LastHeard(MembershipEntry entry) => entry.IAmAliveTime > entry.StartTime ? entry.IAmAliveTime : entry.StartTime;

    private static string NewETag() => Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    private bool TryMove(SqliteSession session, TableVersion next) =>
        session.Change(NextVersion, _cluster, next.VersionEtag, next.Version, NewETag()) == 1;

    private MembershipTableData Table(SqliteSession session, IReadOnlyList<MemberRow> rows)
    {
        using var reader = session.Prepared(Version, _cluster).ExecuteReader();
        var version = reader.Read() ? new TableVersion(reader.GetInt32(0), reader.GetString(1)) : new TableVersion(0, "0");
        return new MembershipTableData([.. rows.Select(row => Tuple.Create(row.Entry, row.ETag))], version);
    }

    /// <summary>Rows and version must be of one moment: each statement by itself would read the newest commit.</summary>
    private Task<T> InSnapshotAsync<T>(Func<SqliteSession, T> query) => store.ReadAsync(session =>
    {
        session.Change("BEGIN");
        try
        {
            return query(session);
        }
        finally
        {
            session.Change("COMMIT");
        }
    });
}
