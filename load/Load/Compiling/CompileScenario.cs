using System.Diagnostics;
using System.Text.Json;

namespace Vallum.Load.Compiling;

/// <param name="Policies">Loaded beside the same changes.</param>
/// <param name="Changes">Of each kind.</param>
/// <param name="Runs">Of each shape.</param>
internal sealed record CompilePlan(string[] Shapes, int[] Policies, int Changes, int Runs);

/// <summary>Each shape in processes of its own, one after another.</summary>
internal sealed class CompileScenario(CompilePlan plan, TextWriter progress)
{
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var shapes = new List<CompileFigures>();
        foreach (var shape in plan.Shapes)
        {
            shapes.Add(await FastestAsync(["--shape", shape], cancellationToken));
        }

        var loaded = new List<CompileFigures>();
        foreach (var policies in plan.Policies.Order())
        {
            loaded.Add(await FastestAsync(["--shape", "apps", "--policies", $"{policies}"], cancellationToken));
        }

        return CompileTables.Of(shapes, loaded);
    }

    // The changes are measured in the first process only: they are many, and their middle does not hang on one run.
    private async Task<CompileFigures> FastestAsync(string[] what, CancellationToken cancellationToken)
    {
        CompileFigures? fastest = null, first = null;
        for (var run = 0; run < plan.Runs; run++)
        {
            var figures = await MeasureAsync([.. what, "--changes", run == 0 ? $"{plan.Changes}" : "0"], cancellationToken);
            progress.WriteLine($"{string.Join(' ', what)}: {figures.Milliseconds:f0} ms, processor {figures.ProcessorMilliseconds:f0} ms, {figures.ResidentMiB:f0} MiB resident");
            first ??= figures;
            fastest = fastest is null || figures.Milliseconds < fastest.Milliseconds ? figures : fastest;
        }

        return fastest! with { Changes = first!.Changes };
    }

    private static async Task<CompileFigures> MeasureAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [CompileCommand.OfShape, .. arguments]) { RedirectStandardOutput = true };
        // The silo's collector.
        start.Environment["DOTNET_gcServer"] = "1";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<CompileFigures>(output)!
            : throw new InvalidOperationException($"{CompileCommand.OfShape} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
    }
}
