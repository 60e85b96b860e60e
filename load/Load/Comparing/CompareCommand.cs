using System.CommandLine;
using Vallum.Load.Results;

namespace Vallum.Load.Comparing;

/// <summary><c>load/run.sh compare A.json B.json</c>.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var first = new Argument<FileInfo>("first") { Description = "a result that run has written" };
        var second = new Argument<FileInfo>("second") { Description = "another" };
        var command = new Command("compare", "Two results side by side, with ratios; marks what is beyond the noise.") { first, second };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var results = new List<RunResult>();
            foreach (var file in (FileInfo[])[arguments.GetRequiredValue(first), arguments.GetRequiredValue(second)])
            {
                try
                {
                    results.Add(RunResult.FromJson(await File.ReadAllTextAsync(file.FullName, cancellationToken)));
                }
                catch (Exception exception) when (exception is InvalidDataException or IOException)
                {
                    await Console.Error.WriteLineAsync($"{file}: {exception.Message}");
                }
            }

            if (results.Count < 2)
            {
                return 2;
            }

            await Console.Out.WriteAsync(Comparison.Of(results[0], results[1]).ToMarkdown(NameOf(arguments.GetRequiredValue(first)), NameOf(arguments.GetRequiredValue(second))));
            return 0;
        });
        return command;
    }

    private static string NameOf(FileInfo file) => Path.GetFileNameWithoutExtension(file.Name);
}
