using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Vallum.Silo.Storage.Sqlite;

/// <summary>A silo's row in the membership table, and its ETag. Times are UTC ticks; suspicions are <c>silo,ticks</c>, separated by <c>|</c>.</summary>
internal sealed record MemberRow(MembershipEntry Entry, string ETag)
{
    private const string Columns = "silo, etag, status, silo_name, host_name, role_name, proxy_port, update_zone, fault_zone, start_time, alive_time, suspects";
    private const string SelectOne = $"SELECT {Columns} FROM membership WHERE cluster = $1 AND silo = $2";
    private const string SelectAll = $"SELECT {Columns} FROM membership WHERE cluster = $1";
    private const string Upsert =
        $"INSERT OR REPLACE INTO membership (cluster, {Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    public static IReadOnlyList<MemberRow> One(SqliteSession session, string cluster, SiloAddress silo) =>
        Read(session.Prepared(SelectOne, cluster, silo.ToParsableString()));

    public static IReadOnlyList<MemberRow> All(SqliteSession session, string cluster) => Read(session.Prepared(SelectAll, cluster));

    public static bool Write(SqliteSession session, string cluster, MembershipEntry entry, string etag) => session.Change(
        Upsert,
        cluster,
        entry.SiloAddress.ToParsableString(),
        etag,
        (int)entry.Status,
        entry.SiloName ?? "",
        entry.HostName ?? "",
        entry.RoleName,
        entry.ProxyPort,
        entry.UpdateZone,
        entry.FaultZone,
        entry.StartTime.Ticks,
        entry.IAmAliveTime.Ticks,
        string.Join('|', (entry.SuspectTimes ?? []).Select(Text))) == 1;

    private static List<MemberRow> Read(SqliteCommand command)
    {
        using var reader = command.ExecuteReader();
        List<MemberRow> rows = [];
        while (reader.Read())
        {
            rows.Add(new MemberRow(
                new MembershipEntry
                {
                    SiloAddress = SiloAddress.FromParsableString(reader.GetString(0)),
                    Status = (SiloStatus)reader.GetInt32(2),
                    SiloName = reader.GetString(3),
                    HostName = reader.GetString(4),
                    RoleName = reader.IsDBNull(5) ? null : reader.GetString(5),
                    ProxyPort = reader.GetInt32(6),
                    UpdateZone = reader.GetInt32(7),
                    FaultZone = reader.GetInt32(8),
                    StartTime = Time(reader.GetInt64(9)),
                    IAmAliveTime = Time(reader.GetInt64(10)),
                    SuspectTimes = [.. reader.GetString(11).Split('|', StringSplitOptions.RemoveEmptyEntries).Select(Suspicion)],
                },
                reader.GetString(1)));
        }

        return rows;
    }

    private static string Text(Tuple<SiloAddress, DateTime> suspicion) =>
        string.Create(CultureInfo.InvariantCulture, $"{suspicion.Item1.ToParsableString()},{suspicion.Item2.Ticks}");

    private static Tuple<SiloAddress, DateTime> Suspicion(string text)
    {
        var comma = text.LastIndexOf(',');
        return Tuple.Create(SiloAddress.FromParsableString(text[..comma]), Time(long.Parse(text[(comma + 1)..], CultureInfo.InvariantCulture)));
    }

    private static DateTime Time(long ticks) => new(ticks, DateTimeKind.Utc);
}
