using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Vallum.Silo.Security;

namespace Vallum.Silo.Hosting;

/// <summary>A silo as a process: starts, says what it is and where it listens, and stops when it is told to.</summary>
internal static partial class SiloProcess
{
    private const int Failed = 1;

    public static string Version { get; } =
        typeof(SiloProcess).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static async Task<int> RunAsync(string? file, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = Build(file, settings);
            await StartAsync(app, cancellationToken);
            Announce(app);
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
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

    private static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        // Before the silo joins the cluster, not after: who joins must leave again.
        Listeners.EnsureFree(app.Services.GetRequiredService<IOptions<SiloOptions>>().Value);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    private static void Announce(WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<SiloOptions>>().Value;
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Vallum.Silo");
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.ToList() ?? [];
        var (grpc, admin) = (addresses.ElementAtOrDefault(0) ?? options.Listen, addresses.ElementAtOrDefault(1) ?? options.AdminListen);
        var data = options.DatabasePath;
        LogStarted(logger, Version, data, grpc, admin);
        SecurityWarnings.Write(logger, options, app.Services.GetRequiredService<IOptions<SecurityOptions>>().Value);
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
        Microsoft.Data.Sqlite.SqliteException sqlite => [$"The data file cannot be opened: {sqlite.Message}"],
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(settings => settings.Failures),
        AggregateException { InnerException: { } inner } => Explain(inner),
        _ => null,
    };

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "vallum-silo {Version} is up. gRPC {Grpc}, admin {Admin}, data {Data}")]
    private static partial void LogStarted(ILogger logger, string version, string data, string grpc, string admin);
}
