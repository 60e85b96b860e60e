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

    public Option<string?> Authorities { get; } = FromEnvironment("--ca", "FILE", "PEM authorities of the server's certificate. Default: $VALLUM_CA, else the system's", "VALLUM_CA");

    public Option<string?> Certificate { get; } =
        FromEnvironment("--certificate", "FILE", "PEM certificate to show to the server. Default: $VALLUM_CERTIFICATE", "VALLUM_CERTIFICATE");

    public Option<string?> Key { get; } = FromEnvironment("--key", "FILE", "PEM key of the certificate. Default: $VALLUM_KEY", "VALLUM_KEY");

    public Option<string?> Token { get; } = FromEnvironment("--token", "TOKEN", "Token to show to the server. Default: $VALLUM_TOKEN, which others on the machine do not see", "VALLUM_TOKEN");

    public Option<string?> TokenFile { get; } = FromEnvironment("--token-file", "FILE", "File with the token. Default: $VALLUM_TOKEN_FILE", "VALLUM_TOKEN_FILE");

    public Connection Connect(ParseResult parsed) => new(
        parsed.GetValue(Server)!,
        ClientCredentials.Read(
            parsed.GetValue(Authorities), parsed.GetValue(Certificate), parsed.GetValue(Key), parsed.GetValue(Token), parsed.GetValue(TokenFile)),
        parsed.GetValue(RequestTimeout));

    private static Option<string?> FromEnvironment(string name, string value, string description, string variable) => new(name)
    {
        Description = description,
        HelpName = value,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given ? given : null,
        Recursive = true,
    };
}
