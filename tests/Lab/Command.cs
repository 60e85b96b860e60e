using System.ComponentModel;
using System.Diagnostics;

namespace Vallum.Lab;

/// <summary>Runs one short command to its end.</summary>
internal static class Command
{
    /// <summary>What the command wrote to its standard output.</summary>
    /// <exception cref="CommandFailedException">It could not start, or its exit code was not 0.</exception>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, string input = "", CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var line = $"{program} {string.Join(' ', start.ArgumentList)}";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new CommandFailedException($"`{line}` did not start: {failure.Message}", failure);
        }
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading all of its input: the exit code tells why.
            }
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                var fed = input.Length == 0 ? "" : $"\nfed with:\n{input}";
                throw new CommandFailedException($"`{line}` ended with {process.ExitCode}: {(await error).Trim()} {await output}{fed}");
            }
            return await output;
        }
    }
}
