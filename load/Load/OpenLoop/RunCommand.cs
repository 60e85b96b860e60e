using System.CommandLine;
using System.Globalization;
using Vallum.Load.Html;
using Vallum.Load.Results;
using Vallum.Scenarios.CommandLines;

namespace Vallum.Load.OpenLoop;

/// <summary><c>load/run.sh run</c>.</summary>
internal static class RunCommand
{
    public static Command Create(Option<bool> write)
    {
        var directory = new Option<DirectoryInfo?>("--out") { Description = "where the result goes as JSON, Markdown and HTML; default: nowhere" };
        var options = new RunOptions();
        var command = new Command("run", "A scenario by a profile: latency from the intended start, errors, throughput; judged at the end.") { directory, write };
        options.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            if (options.Read(arguments, out var faults) is not { } plan)
            {
                foreach (var fault in faults)
                {
                    await Console.Error.WriteLineAsync(fault);
                }

                return 2;
            }

            var result = await new ScenarioRun(plan, Console.Error).RunAsync(cancellationToken);
            if (arguments.GetValue(directory) is { } into)
            {
                await WriteAsync(result, into, cancellationToken);
            }

            var line = $"`load/run.sh run --scenario {result.Scenario} --profile {Path.GetRelativePath(Running.Programs.Root, plan.File.FullName)} --target {plan.Target}`";
            // What failed is not put into the page.
            var failed = !result.Faults.IsEmpty;
            await LoadCommand.PrintAsync(result.Scenario, $"{line}\n\n{MarkdownReport.Of(result)}", arguments.GetValue(write) && !failed, cancellationToken);
            return failed ? 1 : 0;
        });
        return command;
    }

    private static async Task WriteAsync(RunResult result, DirectoryInfo into, CancellationToken cancellationToken)
    {
        into.Create();
        var name = string.Create(CultureInfo.InvariantCulture, $"{result.Scenario}-{result.Profile.Name}-{result.Started:yyyyMMdd-HHmmss}");
        foreach (var (extension, content) in (IEnumerable<(string, string)>)[("json", result.ToJson()), ("md", MarkdownReport.Of(result)), ("html", HtmlReport.Of(result))])
        {
            var path = Path.Combine(into.FullName, $"{name}.{extension}");
            await File.WriteAllTextAsync(path, content, cancellationToken);
            await Console.Error.WriteLineAsync(path);
        }
    }
}
