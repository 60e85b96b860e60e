namespace Vallum.Cli.Tests.Running;

/// <summary>What a run of the command left: its exit code, and what it wrote.</summary>
internal sealed record Ran(int ExitCode, string Output, string Error)
{
    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public static async Task<Ran> OfAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exitCode = await VallumCommand.RunAsync(arguments, output, error);
        return new Ran(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Ended with the code; else the test shows all that was said.</summary>
    public Ran ShouldExit(int code)
    {
        ExitCode.ShouldBe(code, $"{Output}\n{Error}");
        return this;
    }
}
