using System.CommandLine;
using System.Reflection;
using Grpc.Core;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Commands;

internal static class VersionCommand
{
    public static Command Build(ServerOptions server, TextWriter output)
    {
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json);
        var clientOnly = new Option<bool>("--client") { Description = "Do not ask the server" };
        var command = new Command("version", "Show the versions of this command and of the control plane.") { format, clientOnly };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var client = Client();
            var serverVersion = parsed.GetValue(clientOnly) ? null : await ServerAsync(server, parsed, cancellationToken);
            if (parsed.GetValue(format) == OutputFormat.Json)
            {
                await output.WriteLineAsync(Json.Write(json =>
                {
                    json.WriteStartObject();
                    json.WriteString("client", client);
                    json.WriteString("server", serverVersion);
                    json.WriteEndObject();
                }));
            }
            else
            {
                await output.WriteLineAsync($"client  {client}");
                if (!parsed.GetValue(clientOnly))
                {
                    await output.WriteLineAsync($"server  {serverVersion ?? "not reachable"}");
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static string Client() =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>Null when nobody answers: the client's version is worth telling all the same.</summary>
    private static async Task<string?> ServerAsync(ServerOptions server, ParseResult parsed, CancellationToken cancellationToken)
    {
        using var connection = server.Connect(parsed);
        try
        {
            var answer = await connection.Status.GetVersionAsync(new GetVersionRequest(), connection.Call(cancellationToken));
            return answer.Commit.Length > 0 ? $"{answer.Version}+{answer.Commit}" : answer.Version;
        }
        catch (RpcException)
        {
            return null;
        }
    }
}
