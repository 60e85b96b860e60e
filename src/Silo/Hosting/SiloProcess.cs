using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Vallum.Silo.Security;
using Vallum.Silo.Storage.Redis;

namespace Vallum.Silo.Hosting;

/// <summary>A silo as a process: starts, says what it is and where it listens, and stops when it is told to.</summary>
internal static partial class SiloProcess
{
    private const int Failed = 1;

    /// <summary>The exit code of a silo that is no longer a member of its cluster: it may be started again.</summary>
    public const int PutOut = 3;


    public static string Version { get; } =
        typeof(SiloProcess).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static async Task<int> RunAsync(string? file, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = Build(file, settings);
            var end = app.Services.GetRequiredService<SiloEnd>();
            try
            {
                Announce(app, await StartAsync(app, cancellationToken));
            }
            catch (Exception) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Told to stop before it was up: a start ends then with whatever it was about.
                return await EndAsync(Task.CompletedTask, end);
            }

            return await EndAsync(app.WaitForShutdownAsync(cancellationToken), end);
        }
        catch (Exception exception) when (Explain(exception) is { } reasons)
        {
            foreach (var reason in reasons)
            {
                await Console.Error.WriteLineAsync($"error: {reason}");
            }

            return Failed;
        }
    }

    /// <summary>The silo with these settings, not started.</summary>
    /// <param name="last">May replace parts before the silo is built; tests do.</param>
    public static WebApplication Build(string? file, IReadOnlyDictionary<string, string?> settings, Action<WebApplicationBuilder>? last = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddSiloSettings(file, settings);
        builder.AddVallumSilo();
        last?.Invoke(builder);
        var app = builder.Build();
        app.MapVallumSilo();
        return app;
    }

    private static async Task<int> EndAsync(Task stopped, SiloEnd end)
    {
        await Task.WhenAny(stopped, end.Overdue);
        if (end.Reason is { } reason)
        {
            await Console.Error.WriteLineAsync($"error: {reason}");
            // Not by a return: what is left would try to leave a cluster that is not there.
            Environment.Exit(PutOut);
        }

        await stopped;
        return 0;
    }

    /// <returns>By what acknowledged changes can be lost, one sentence each.</returns>
    private static async Task<IReadOnlyList<string>> StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var options = app.Services.GetRequiredService<IOptions<SiloOptions>>().Value;
        // Before the silo joins the cluster, not after: who joins must leave again.
        Listeners.EnsureFree(options);
        var risks = options.Cluster == ClusterKind.Redis ? await RedisPreflight.RunAsync(options.RedisStore) : [];
        try
        {
            await app.StartAsync(cancellationToken);
            return risks;
        }
        catch
        {
            await StopAsync(app);
            throw;
        }
    }

    /// <summary>After a start that failed: why it did matters, and not that a silo which never ran cannot be stopped.</summary>
    private static async Task StopAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            // Orleans' word for a silo that is not running.
        }
    }

    private static void Announce(WebApplication app, IReadOnlyList<string> risks)
    {
        var options = app.Services.GetRequiredService<IOptions<SiloOptions>>().Value;
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Vallum.Silo");
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.ToList() ?? [];
        var (grpc, admin) = (addresses.ElementAtOrDefault(0) ?? options.Listen, addresses.ElementAtOrDefault(1) ?? options.AdminListen);
        var data = options.Cluster == ClusterKind.Redis ? $"Redis {options.RedisStore.Names()}" : options.DatabasePath;
        LogStarted(logger, Version, data, grpc, admin);
        SecurityWarnings.Write(logger, options, app.Services.GetRequiredService<IOptions<SecurityOptions>>().Value, app.Services.GetRequiredService<SiloCredentials>());
        foreach (var risk in risks)
        {
            LogRisk(logger, risk);
        }
    }

    /// <summary>What an operator can do something about, in their words; null for what only the stack explains.</summary>
    private static IEnumerable<string>? Explain(Exception exception) => exception switch
    {
        OptionsValidationException settings => settings.Failures,
        AddressInUseException inUse => [inUse.Message],
        IOException { InnerException: AddressInUseException } inUse => [$"{inUse.Message.TrimEnd('.')}. Choose another address with --listen or --admin-listen."],
        SocketException socket => [$"Cannot listen: {socket.Message}."],
        FileNotFoundException missing => [missing.Message],
        InvalidDataException data => [data.InnerException is { } inner ? $"{data.Message} {inner.Message}" : data.Message],
        UnauthorizedAccessException denied => [denied.Message],
        // A value that is none of the setting's, such as a number where a duration belongs: found when the settings are bound, before they are judged.
        InvalidOperationException { InnerException: FormatException } setting => [setting.Message],
        // Above all, that a silo which the others take for living does not answer; one that does not live is out of the way within seconds.
        OrleansException cluster => [$"The silo could not join its cluster: {cluster.Message}"],
        RedisUnusableException redis => [redis.Message],
        Microsoft.Data.Sqlite.SqliteException sqlite => [$"The data file cannot be opened: {sqlite.Message}"],
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(settings => settings.Failures),
        AggregateException { InnerException: { } inner } => Explain(inner),
        _ => null,
    };

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "vallum-silo {Version} is up. gRPC {Grpc}, admin {Admin}, data {Data}")]
    private static partial void LogStarted(ILogger logger, string version, string data, string grpc, string admin);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Warning, Message = "{Risk}")]
    private static partial void LogRisk(ILogger logger, string risk);
}
