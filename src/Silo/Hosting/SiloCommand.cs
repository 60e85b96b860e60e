using System.CommandLine;
using Vallum.Silo.Security;

namespace Vallum.Silo.Hosting;

/// <summary>The command line of <c>vallum-silo</c>.</summary>
internal static class SiloCommand
{
    /// <summary>Parses and runs. Exit codes: 0 stopped as asked, 1 could not start or failed, 2 usage, 3 put out of its cluster.</summary>
    /// <param name="run">Given the configuration file, if any, and the settings of the command line.</param>
    public static async Task<int> RunAsync(string[] args, Func<string?, IReadOnlyDictionary<string, string?>, CancellationToken, Task<int>> run)
    {
        var config = new Option<string?>("--config") { Description = "JSON file with settings.", HelpName = "FILE" };
        Option<string?>[] texts =
        [
            Text("--cluster", "embedded|redis", "Where silos find each other and keep what they are told: a file of this machine, or Redis. Default: embedded."),
            Text("--data", "DIR", "Embedded: directory for everything durable; silos of one machine with the same directory form a cluster. Default: vallum-data."),
            Text("--redis", "HOST:PORT[,OPTIONS]", "Redis: the server; more servers, and options such as user=NAME or ssl=true, behind commas."),
            Text("--redis-password-file", "FILE", "Redis: the password is the file's first line."),
            Text("--redis-tls-ca", "FILE", "Redis: TLS, with a server whose certificate this PEM authority has signed."),
            Text("--redis-tls-certificate", "FILE", "Redis: PEM certificate of the silo, where the server asks for one."),
            Text("--redis-tls-key", "FILE", "Redis: PEM key of that certificate."),
            Text("--cluster-name", "NAME", "Clusters of other names may share a Redis. Default: vallum."),
            Text("--listen", "ADDRESS:PORT", "gRPC for orchestrators and agents. Default: 127.0.0.1:7400."),
            Text("--admin-listen", "ADDRESS:PORT", "HTTP for /livez, /readyz and /metrics. Default: 127.0.0.1:7480."),
            Text("--tls-certificate", "FILE", "PEM certificate of the gRPC listener."),
            Text("--tls-key", "FILE", "PEM key of the certificate."),
            .. SecurityArguments.All,
            Text("--silo-listen", "ADDRESS:PORT", "For other silos. Default: 127.0.0.1 and a free port, which silos of this machine reach."),
            Text("--advertise", "ADDRESS", "Where other silos reach --silo-listen. Default: its own address."),
            Text("--gateway-listen", "ADDRESS:PORT", "For Orleans clients, on loopback: measurements go straight at the grains there. Default: none."),
            Text("--name", "NAME", "How the silo is called in lists. Default: the host's name."),
            Text("--agent-address", "URL", "Where agents reach --listen, such as https://silo-1.example:7400. Default: its own address, or --advertise."),
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
