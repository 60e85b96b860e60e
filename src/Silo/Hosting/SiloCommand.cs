using System.CommandLine;
using Vallum.Silo.Security;

namespace Vallum.Silo.Hosting;

/// <summary>The command line of <c>vallum-silo</c>.</summary>
internal static class SiloCommand
{
    /// <summary>Parses and runs. Exit codes: 0 stopped as asked, 1 could not start or failed, 2 usage.</summary>
    /// <param name="run">Given the configuration file, if any, and the settings of the command line.</param>
    public static async Task<int> RunAsync(string[] args, Func<string?, IReadOnlyDictionary<string, string?>, CancellationToken, Task<int>> run)
    {
        var config = new Option<string?>("--config") { Description = "JSON file with settings.", HelpName = "FILE" };
        Option<string?>[] texts =
        [
            Text("--data", "DIR", "Directory for everything durable; silos of one machine with the same directory form a cluster. Default: vallum-data."),
            Text("--listen", "ADDRESS:PORT", "gRPC for orchestrators and agents. Default: 127.0.0.1:7400."),
            Text("--admin-listen", "ADDRESS:PORT", "HTTP for /livez, /readyz and /metrics. Default: 127.0.0.1:7480."),
            Text("--tls-certificate", "FILE", "PEM certificate of the gRPC listener."),
            Text("--tls-key", "FILE", "PEM key of the certificate."),
            .. SecurityArguments.All,
            Text("--silo-port", "PORT", "Port for other silos, on loopback. Default: a free one."),
            Text("--logs", "plain|json", "How logs are written. Default: plain."),
        ];
        var insecure = new Option<bool>("--insecure") { Description = "Listen beyond this machine without TLS." };
        var command = new RootCommand(
            "The control plane's server. Every setting can also be given in the environment (VALLUM_LISTEN, VALLUM_ADMIN_LISTEN …) and in a JSON file (--config); " +
            "the command line wins over the environment, and that over the file.") { config, insecure };
        foreach (var option in texts)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancellationToken) =>
        {
            var settings = texts.Select(option => KeyValuePair.Create(option.Name.TrimStart('-'), parsed.GetValue(option)))
                .Where(pair => pair.Value is not null).ToDictionary();
            if (parsed.GetValue(insecure))
            {
                settings["insecure"] = "true";
            }

            return run(parsed.GetValue(config), settings, cancellationToken);
        });
        var result = command.Parse(args);
        // The host itself takes the signals: it ends streams first and leaves the cluster.
        var code = await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
        return result.Errors.Count > 0 ? 2 : code;
    }

    internal static Option<string?> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
