using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Vallum.NodeAgent.Processes;

/// <summary>
/// The one door to other programs. <paramref name="prefix"/> stands before every command ("ip netns exec NAME"). A command that runs longer than
/// <paramref name="timeout"/> is killed with its children.
/// </summary>
internal sealed class ProcessRunner(TimeSpan timeout, params string[] prefix)
{
    // Without a byte order mark: the tools would read it as part of the first word.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>What the command wrote to its standard output.</summary>
    /// <exception cref="CommandFailedException">It could not be started, ended with another code than 0, or was killed.</exception>
    public Task<string> RunAsync(Invocation invocation, CancellationToken cancellationToken) =>
        RunAsync(invocation, (output, token) => output.ReadToEndAsync(token), cancellationToken);

    /// <summary>
    /// Returns when the command has written the line <paramref name="mark"/>, or at its end where it never does. From then on
    /// <paramref name="cancellationToken"/> has no say.
    /// </summary>
    /// <returns>What completes at the command's end, and fails as the command does.</returns>
    /// <exception cref="CommandFailedException">It failed before it wrote the line.</exception>
    public async Task<Task> RunToAsync(Invocation invocation, string mark, CancellationToken cancellationToken)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stop = new CancellationTokenSource();
        await using (cancellationToken.Register(stop.Cancel))
        {
            var end = RunAsync(invocation, (output, token) => ReadToEndAsync(output, mark, written, token), stop.Token);
            if (await Task.WhenAny(written.Task, end) == end)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await end;
            }

            return end;
        }
    }

    private static async Task<string> ReadToEndAsync(StreamReader output, string mark, TaskCompletionSource written, CancellationToken cancellationToken)
    {
        while (await output.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == mark)
            {
                written.TrySetResult();
            }
        }

        return "";
    }

    private async Task<string> RunAsync(Invocation invocation, Func<StreamReader, CancellationToken, Task<string>> read, CancellationToken cancellationToken)
    {
        using var process = Start(invocation);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);

        // All three pipes at once: a tool that fills one while we wait on another would stand still, and so would we.
        var output = read(process.StandardOutput, deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await WriteAsync(process, invocation.Input, deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            var said = await output;
            return process.ExitCode == 0 ? said : throw new CommandFailedException(invocation, process.ExitCode, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new CommandFailedException(invocation, null, "");
        }
    }

    private Process Start(Invocation invocation)
    {
        string[] words = [.. prefix, invocation.Program, .. invocation.Arguments];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
        };

        // The tools translate messages, and some of them numbers.
        start.Environment["LC_ALL"] = "C";
        try
        {
            return Process.Start(start) ?? throw new CommandFailedException(invocation, null, "no process was started");
        }
        catch (Win32Exception e)
        {
            throw new CommandFailedException(invocation, 127, e.Message);
        }
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken cancellationToken)
    {
        try
        {
            if (input.Length > 0)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The tool ended before it had read everything: its exit code and words say why.
        }
    }
}
