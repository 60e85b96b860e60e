using System.CommandLine;
using Grpc.Core;
using Vallum.Cli.Commands;
using Vallum.Cli.Commands.Pki;
using Vallum.Cli.Server;

namespace Vallum.Cli;

/// <summary>The command <c>vallum</c>: parse, run, and turn every failure into a message and an exit code.</summary>
internal static class VallumCommand
{
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var server = new ServerOptions();
        var root = Build(server, output, error);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var fault in parsed.Errors)
            {
                await error.WriteLineAsync($"error: {fault.Message} (USAGE)");
            }

            await error.WriteLineAsync("see vallum --help");
            return ExitCode.Usage;
        }

        using var interrupted = new CancellationTokenSource();
        ConsoleCancelEventHandler interrupt = (_, e) =>
        {
            e.Cancel = true;
            interrupted.Cancel();
        };
        Console.CancelKeyPress += interrupt;
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error };
            return await parsed.InvokeAsync(configuration, interrupted.Token);
        }
        catch (Exception exception)
        {
            return await ReportAsync(exception, parsed.GetValue(server.Server) ?? "", interrupted.IsCancellationRequested, error);
        }
        finally
        {
            Console.CancelKeyPress -= interrupt;
        }
    }

    private static RootCommand Build(ServerOptions server, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Vallum: network policies for tenants, segments and endpoints.")
        {
            server.Server,
            server.RequestTimeout,
            server.Authorities,
            server.Certificate,
            server.Key,
            server.Token,
            server.TokenFile,
            ApplyCommand.Build(server, output, error),
            DeleteCommand.Build(server, output, error),
            DiffCommand.Build(server, output, error),
            GetCommand.Build(server, output),
            HistoryCommand.Build(server, output),
            RollbackCommand.Build(server, output, error),
            ValidateCommand.Build(output, error),
            ExplainCommand.Build(server, output),
            ReachCommand.Build(server, output, error),
            StatusCommand.Build(server, output),
            WaitCommand.Build(server, output, error),
            TopCommand.Build(server, output),
            FlowsCommand.Build(server, output, error),
            PkiCommand.Build(output),
            VersionCommand.Build(server, output),
            CompletionCommand.Build(output),
        };

        // "vallum version" asks the server too; the built-in --version only tells of this program.
        return root;
    }

    private static async Task<int> ReportAsync(Exception exception, string server, bool interrupted, TextWriter error)
    {
        if (interrupted)
        {
            await error.WriteLineAsync("interrupted");
            return ExitCode.Interrupted;
        }

        switch (exception)
        {
            case CommandFailure failure:
                await error.WriteLineAsync(failure.Message.StartsWith("error:", StringComparison.Ordinal) ? failure.Message : $"error: {failure.Message}");
                return failure.ExitCode;
            case RpcException call:
                foreach (var line in CallErrors.Describe(call, server))
                {
                    await error.WriteLineAsync(line);
                }

                return CallErrors.ExitCodeOf(call, server);
            default:
                await error.WriteLineAsync($"error: {exception.Message} (INTERNAL)");
                return ExitCode.ServerError;
        }
    }
}
