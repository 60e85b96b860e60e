using Vallum.NodeAgent.Commands;

var parsed = new AgentCommands().Build().Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync($"error: {error.Message}");
    }

    await Console.Error.WriteLineAsync("vallum-agent --help lists what there is");
    return ExitCode.Usage;
}

try
{
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or Vallum.NodeAgent.Kernel.KernelFailedException)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return ExitCode.Internal;
}
