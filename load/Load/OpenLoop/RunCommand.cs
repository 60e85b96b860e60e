using System.CommandLine;
using System.Globalization;
using Vallum.Load.Html;
using Vallum.Load.Results;
using Vallum.Scenarios;
using Vallum.Scenarios.Profiles;

namespace Vallum.Load.OpenLoop;

/// <summary><c>load/run.sh run</c>.</summary>
internal static class RunCommand
{
    public static Command Create(Option<bool> write)
    {
        var scenario = new Option<string>("--scenario") { Required = true, Description = string.Join("; ", ScenarioCatalog.All.Select(one => $"{one.Name}: {one.Summary}")) };
        scenario.AcceptOnlyFromAmong([.. ScenarioCatalog.Names]);
        var profile = new Option<FileInfo>("--profile") { Required = true, Description = "how much and for how long: one of load/profiles, or your own" };
        var directory = new Option<DirectoryInfo?>("--out") { Description = "where the result goes as JSON, Markdown and HTML; default: nowhere" };
        var target = new TargetOptions();
        var command = new Command("run", "A scenario by a profile: latency from the intended start, errors, throughput; judged at the end.") { scenario, profile, directory, write };
        target.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var file = arguments.GetRequiredValue(profile);
            var plan = file.Exists
                ? ProfileReader.Read(await File.ReadAllTextAsync(file.FullName, cancellationToken), out var faults)
                : NoFile(out faults);
            var where = target.Read(arguments, out var targetFaults);
            if (plan is null || where is null)
            {
                foreach (var fault in faults.Select(fault => $"{file}: {fault}").Concat(targetFaults))
                {
                    await Console.Error.WriteLineAsync(fault);
                }

                return 2;
            }

            var result = await new ScenarioRun(ScenarioCatalog.Create(arguments.GetRequiredValue(scenario))!, plan, where, Console.Error).RunAsync(cancellationToken);
            if (arguments.GetValue(directory) is { } into)
            {
                await WriteAsync(result, into, cancellationToken);
            }

            var command = $"`load/run.sh run --scenario {result.Scenario} --profile {Path.GetRelativePath(Running.Programs.Root, file.FullName)} --target {where}`";
            // What failed is not put into the page.
            var failed = !result.Faults.IsEmpty;
            await LoadCommand.PrintAsync(result.Scenario, $"{command}\n\n{MarkdownReport.Of(result)}", arguments.GetValue(write) && !failed, cancellationToken);
            return failed ? 1 : 0;
        });
        return command;
    }

    private static LoadProfile? NoFile(out IReadOnlyList<string> faults)
    {
        faults = ["there is no such file"];
        return null;
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
