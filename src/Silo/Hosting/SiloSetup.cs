using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Vallum.Silo.Balance;
using Vallum.Silo.Grains;
using Vallum.Silo.Reports;
using Vallum.Silo.Security.Tls;
using Vallum.Silo.Storage.Log;
using Vallum.Silo.Storage.Redis;
using Vallum.Silo.Storage.Sqlite;

namespace Vallum.Silo.Hosting;

/// <summary>Orleans as this product runs it. How fast silos notice each other's end: <see cref="MembershipOptions"/>.</summary>
internal static class SiloSetup
{
    /// <summary>A question may be parked for 10 s. What hangs beyond that hangs at a silo that is no more, and is asked again elsewhere. Orleans' own: 30 s.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(15);

    /// <summary>Between Orleans' own parts, such as its directory: those of a frozen silo hold up whoever looks for a grain. Orleans' own: 30 s.</summary>
    private static readonly TimeSpan SystemAnswerWithin = TimeSpan.FromSeconds(5);

    public static void UseVallumOrleans(this IHostApplicationBuilder builder, SiloOptions options)
    {
        builder.UseOrleans(silo =>
        {
            silo.KeepIn(options);
            silo.AddTraffic();
            silo.UseSiloTls();
            silo.UseDirectory();
            silo.AddBalance();
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterName, ServiceId(options)));
            silo.Configure<EndpointOptions>(endpoints => Configure(endpoints, options));
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, WarmStart>();
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DeadNeighbours>();
            silo.Services.AddSingleton<SiloEnd>();
            silo.Services.AddSingleton<IFatalErrorHandler, FatalErrors>();
            silo.Services.AddHostedService<MembershipWatch>();
            silo.Configure<SiloMessagingOptions>(messaging => (messaging.ResponseTimeout, messaging.SystemResponseTimeout) = (AnswerWithin, SystemAnswerWithin));
            silo.Services.AddOptions<ClusterMembershipOptions>().Configure<IOptions<MembershipOptions>>(Configure);
        });
    }

    /// <summary>
    /// Who has which grain is known by the silos in parts, which are handed over when one leaves, and are put together from what the others hold when one is
    /// killed. Orleans' older directory loses the part of a silo that goes, and ends the living activations that were in it.
    /// </summary>
    private static void UseDirectory(this ISiloBuilder silo)
    {
#pragma warning disable ORLEANSEXP003 // For evaluation, says Orleans. That an activation may be there twice is held off by the log's epochs and ETags, whatever the directory.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        // By default the grains of a silo that was killed are to nobody's avail for 30 s, lest that silo still serves them: a write of it fails all the same.
        silo.Configure<GrainDirectoryOptions>(directory => directory.RangeLeaseDuration = TimeSpan.Zero);
    }

    private static void KeepIn(this ISiloBuilder silo, SiloOptions options)
    {
        if (options.Cluster == ClusterKind.Redis)
        {
            silo.AddRedisGrainStorage(GrainStorageName.Objects, options.RedisStore);
            silo.UseRedisClustering(options.RedisStore);
        }
        else
        {
            void File(SqliteStoreOptions file) => file.Path = options.DatabasePath;
            silo.AddSqliteGrainStorage(GrainStorageName.Objects, File);
            silo.UseSqliteClustering(File);
        }
    }

    /// <summary>Orleans puts it before the names of all keys. A file has one set of objects, whatever the cluster that uses it is called.</summary>
    private static string ServiceId(SiloOptions options) => options.Cluster == ClusterKind.Redis ? options.ClusterName : "vallum";

    private static void Configure(EndpointOptions endpoints, SiloOptions options)
    {
        if (!SiloOptions.TryParseListen(options.SiloListen, out var listen))
        {
            // The check of the options tells it, all else with it.
            return;
        }

        var own = listen.Port == 0 ? new IPEndPoint(listen.Address, FreePort(listen.Address)) : listen;
        endpoints.SiloListeningEndpoint = own;
        endpoints.SiloPort = own.Port;
        endpoints.AdvertisedIPAddress = IPAddress.TryParse(options.Advertise, out var advertised) ? advertised : own.Address;
        // Where nobody asked for it, no client but the silos themselves comes in.
        endpoints.GatewayPort = 0;
        if (SiloOptions.TryParseListen(options.GatewayListen, out var gateway))
        {
            (endpoints.GatewayListeningEndpoint, endpoints.GatewayPort) = (gateway, gateway.Port);
        }
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
    private static int FreePort(IPAddress address)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
