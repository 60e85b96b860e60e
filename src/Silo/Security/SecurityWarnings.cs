using System.Net;
using Vallum.Silo.Hosting;

namespace Vallum.Silo.Security;

/// <summary>What an operator has allowed and should be reminded of at each start.</summary>
internal static partial class SecurityWarnings
{
    public static void Write(ILogger logger, SiloOptions silo, SecurityOptions security, SiloCredentials credentials)
    {
        if (IsOpen(silo.Listen) && !silo.HasTls)
        {
            LogPlain(logger);
        }
        else if (IsOpen(silo.Listen) && !security.KnowsClients)
        {
            LogUnknown(logger);
        }

        if (IsOpen(silo.AdminListen))
        {
            LogAdmin(logger);
        }

        if (IsOpen(silo.SiloListen) && credentials.SiloOwn is null)
        {
            LogSilos(logger);
        }

        if (security.TakesTokens && security.ClientCa.Length == 0)
        {
            LogNoAgents(logger);
        }
    }

    private static bool IsOpen(string listen) => SiloOptions.TryParseListen(listen, out var endpoint) && !IPAddress.IsLoopback(endpoint.Address);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "Listening without TLS beyond this machine (insecure): whoever reaches the gRPC port rules the network's policies.")]
    private static partial void LogPlain(ILogger logger);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "Listening beyond this machine without knowing who calls (insecure): whoever reaches the gRPC port rules the network's policies.")]
    private static partial void LogUnknown(ILogger logger);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning, Message = "The admin listener is reached from beyond this machine (insecure): it has neither TLS nor authentication.")]
    private static partial void LogAdmin(ILogger logger);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning, Message = "Silos talk beyond this machine without TLS (insecure): whoever reaches silo-listen is taken for a silo.")]
    private static partial void LogSilos(ILogger logger);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Warning, Message = "Tokens are taken and no client-ca is given: no agent can connect, since agents are known by certificates.")]
    private static partial void LogNoAgents(ILogger logger);
}
