using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Vallum.Silo.Grains;
using Vallum.Silo.Reports;
using Vallum.Silo.Security.Tls;
using Vallum.Silo.Storage.Sqlite;

namespace Vallum.Silo.Hosting;

/// <summary>Orleans as this product runs it. How fast silos notice each other's end: <see cref="MembershipOptions"/>.</summary>
internal static class SiloSetup
{
    public static void UseVallumOrleans(this IHostApplicationBuilder builder, SiloOptions options)
    {
        builder.UseOrleans(silo =>
        {
            void File(SqliteStoreOptions file) => file.Path = options.DatabasePath;
            silo.AddSqliteGrainStorage(GrainStorageName.Objects, File);
            silo.UseSqliteClustering(File);
            silo.AddTraffic();
            silo.UseSiloTls();
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterName, "vallum"));
            silo.Configure<EndpointOptions>(endpoints =>
            {
                // Silos of the embedded default are on one machine, and no client but they themselves comes in.
                endpoints.AdvertisedIPAddress = IPAddress.Loopback;
                endpoints.SiloPort = options.SiloPort == 0 ? FreePort() : options.SiloPort;
                endpoints.GatewayPort = 0;
            });
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DeadNeighbours>();
            silo.Services.AddOptions<ClusterMembershipOptions>().Configure<IOptions<MembershipOptions>>(Configure);
        });
    }

    private static void Configure(ClusterMembershipOptions orleans, IOptions<MembershipOptions> membership)
    {
        orleans.ProbeTimeout = membership.Value.Probe;
        orleans.MaxProbeTimeout = membership.Value.MaxProbe;
        orleans.NumMissedProbesLimit = membership.Value.MissedProbes;
        orleans.TableRefreshTimeout = membership.Value.Refresh;
        orleans.IAmAliveTablePublishTimeout = membership.Value.SignOfLife;
    }

    /// <summary>A port that is free now. Somebody may take it before the silo does; then the start fails and says so.</summary>
    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
