using System.CommandLine;

namespace Vallum.Cli.Server;

/// <summary>Where the control plane is.</summary>
internal sealed class ServerOptions
{
    private const string DefaultAddress = "http://127.0.0.1:7400";

    public Option<string> Server { get; } = new("--server", "-s")
    {
        Description = "Address of the control plane, such as http://127.0.0.1:7400. Default: $VALLUM_SERVER, else " + DefaultAddress,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("VALLUM_SERVER") is { Length: > 0 } value ? value : DefaultAddress,
        Recursive = true,
    };

    public Option<TimeSpan> RequestTimeout { get; } = new("--request-timeout")
    {
        Description = "Give a call up after this time, such as 10s or 1m. Default: 30s",
        DefaultValueFactory = _ => TimeSpan.FromSeconds(30),
        CustomParser = Durations.Parse,
        Recursive = true,
    };

    public Connection Connect(ParseResult parsed) => new(parsed.GetValue(Server)!, parsed.GetValue(RequestTimeout));
}
