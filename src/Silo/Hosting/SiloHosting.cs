using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using Vallum.Silo.Diagnostics;
using Vallum.Silo.Distribution;
using Vallum.Silo.Distribution.Sessions;
using Vallum.Silo.Grains.Cluster;
using Vallum.Silo.Grains.Objects;
using Vallum.Silo.Security;
using Vallum.Silo.Security.Callers;
using Vallum.Silo.Security.Tls;

namespace Vallum.Silo.Hosting;

/// <summary>Puts a silo together: settings, storage, grains, listeners, health, metrics.</summary>
internal static class SiloHosting
{
    /// <summary>Settings are in the configuration's section "Vallum" (see <see cref="SiloConfiguration"/>).</summary>
    public static void AddVallumSilo(this WebApplicationBuilder builder)
    {
        builder.AddSettings();
        var options = builder.Configuration.GetSection(SiloOptions.Section).Get<SiloOptions>() ?? new SiloOptions();
        builder.AddLogs(options);
        builder.UseVallumOrleans(options);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddSecurity();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<SiloMetrics>();
        builder.Services.AddSingleton<ClusterUnrest>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ClusterUnrest>());
        builder.Services.AddSingleton<ClusterView>();
        builder.Services.AddSingleton<IClusterView>(services => services.GetRequiredService<ClusterView>());
        builder.Services.AddSingleton<IOperatorPolicies>(services => services.GetRequiredService<ClusterView>());
        builder.Services.AddHostedService(services => services.GetRequiredService<ClusterView>());
        builder.Services.AddSingleton<StopGrace>();
        builder.Services.AddSiloEndpoints();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(SiloMetrics.MeterName, AgentMetrics.MeterName, "Microsoft.Orleans", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            // Whoever asks twice in a moment wants to see what happened in between.
            .AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0));
    }

    private static void AddSettings(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<SiloOptions>().BindConfiguration(SiloOptions.Section).ValidateOnStart();
        builder.Services.AddOptions<MembershipOptions>().BindConfiguration(MembershipOptions.Section).ValidateOnStart();
        builder.Services.AddOptions<ScopeLimits>().BindConfiguration($"{SiloOptions.Section}:Limits").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsCheck>();
        builder.Services.AddSingleton<IValidateOptions<MembershipOptions>, MembershipOptionsCheck>();
        builder.Services.AddSingleton<IValidateOptions<ScopeLimits>, ScopeLimitsCheck>();
    }

    private static void AddLogs(this WebApplicationBuilder builder, SiloOptions options)
    {
        builder.Logging.ClearProviders();
        if (options.Logs == LogFormat.Json)
        {
            builder.Logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        }
        else
        {
            builder.Logging.AddSimpleConsole(plain => (plain.SingleLine, plain.UseUtcTimestamp, plain.TimestampFormat) = (true, true, "HH:mm:ss.fff "));
        }

        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Orleans", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        // A silo that is killed makes Orleans' retries log thousands of warnings.
        builder.Logging.AddFilter("Polly", LogLevel.Error);
        // Tells at start that a thread has not completed since the machine was switched on.
        builder.Logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        // The probe's answer says it already; and why a start failed is the last line of the process, in the operator's words.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Orleans.Runtime.SiloLifecycleSubject", LogLevel.None);
        // Orleans' base of services that are on each silo tells of ranges of a ring, which these do not use.
        builder.Logging.AddFilter("Vallum.Silo.Balance.SiloService", LogLevel.Warning);
        builder.Logging.AddFilter("Vallum.Silo.Reports.TrafficService", LogLevel.Warning);
        // What an operator has set for a category comes last and so wins.
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
    }

    private static void Listen(KestrelServerOptions kestrel, SiloOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        // A peer that is gone without a word is found within 50 s.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        // An orchestrator has many calls open on one connection, some of them streams.
        kestrel.Limits.Http2.MaxStreamsPerConnection = 500;
        if (SiloOptions.TryParseListen(options.Listen, out var grpc))
        {
            kestrel.Listen(grpc, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Mark(Listener.Grpc);
                if (options.HasTls)
                {
                    listen.UseListenerTls(
                        kestrel.ApplicationServices.GetRequiredService<SiloCredentials>(), kestrel.ApplicationServices.GetRequiredService<PeerConnections>());
                }
            });
        }

        if (SiloOptions.TryParseListen(options.AdminListen, out var admin))
        {
            kestrel.Listen(admin, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Mark(Listener.Admin);
            });
        }
    }
}
