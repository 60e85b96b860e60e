using System.CommandLine;
using System.Text.Json;
using Vallum.Load.Reports;
using Vallum.Workloads;

namespace Vallum.Load.Compiling;

internal static class CompileCommand
{
    /// <summary>Of the process that measures one shape.</summary>
    public const string OfShape = "compile-shape";

    public static Command Create(Option<bool> write)
    {
        var shapes = new Option<string[]>("--shapes")
        {
            Description = "of worlds",
            DefaultValueFactory = _ => [.. Shapes.All.Select(shape => shape.Name)],
            AllowMultipleArgumentsPerToken = true,
        };
        var policies = new Option<int[]>("--policies")
        {
            Description = "beside which the same changes are measured",
            DefaultValueFactory = _ => [1_000, 10_000, 100_000],
            AllowMultipleArgumentsPerToken = true,
        };
        var changes = new Option<int>("--changes") { Description = "of each kind", DefaultValueFactory = _ => 2_000 };
        var runs = new Option<int>("--runs") { Description = "of each shape; the fastest is told", DefaultValueFactory = _ => 3 };
        var command = new Command("compile", "Worlds compiled in this process: from nothing, and change by change.") { shapes, policies, changes, runs, write };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var machine = Machine.Describe(TimeProvider.System);
            var plan = new CompilePlan(arguments.GetValue(shapes)!, arguments.GetValue(policies)!, arguments.GetValue(changes), arguments.GetValue(runs));
            var tables = await new CompileScenario(plan, Console.Error).RunAsync(cancellationToken);
            return await LoadCommand.PrintAsync("compile", $"`load/run.sh compile`, {machine}.\n\n{tables}", arguments.GetValue(write), cancellationToken);
        });
        return command;
    }

    /// <summary>Started by <see cref="CompileScenario"/>; prints figures as JSON.</summary>
    public static Command CreateOfShape()
    {
        var name = new Option<string>("--shape") { Required = true };
        var policies = new Option<int?>("--policies") { Description = "of the shape \"apps\"" };
        var changes = new Option<int>("--changes");
        var command = new Command(OfShape) { name, policies, changes };
        command.Hidden = true;
        command.SetAction(arguments =>
        {
            var wanted = arguments.GetRequiredValue(name);
            var shape = arguments.GetValue(policies) is { } count
                ? Shapes.AppsOf(count)
                : Shapes.Find(wanted) ?? throw new ArgumentException($"no shape is called {wanted}; there are {string.Join(", ", Shapes.All.Select(one => one.Name))}");
            Console.Out.WriteLine(JsonSerializer.Serialize(new CompileMeasurement(shape, arguments.GetValue(changes)).Run()));
        });
        return command;
    }
}
