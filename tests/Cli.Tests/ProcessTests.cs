using System.Diagnostics;
using Vallum.Cli.Tests.Running;

namespace Vallum.Cli.Tests;

/// <summary>The command as a process: what only a process has.</summary>
public sealed class ProcessTests(SharedSilo silo)
{
    [Fact]
    public async Task Standard_input_is_read_like_a_file()
    {
        var tenant = SharedSilo.NewName();

        (await RunAsync(Running.Manifests.Tenant(tenant), "apply", "-f", "-", "--server", silo.Silo.Address)).ShouldExit(0).Output
            .ShouldBe($"tenants/{tenant} created\n");
        var wrong = (await RunAsync(Running.Manifests.Wrong(tenant), "validate", "-f", "-")).ShouldExit(1);
        wrong.Output.ShouldContain("standard input:");
        (await RunAsync("", "paint")).ShouldExit(2).Error.ShouldStartWith("error: ");
    }

    private static async Task<Ran> RunAsync(string input, params string[] arguments)
    {
        // Beside its own libraries: those in the test's folder lack what the test has from its framework.
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Cli", new DirectoryInfo(AppContext.BaseDirectory).Name));
        var start = new ProcessStartInfo(Path.Combine(folder, "vallum"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Ran(process.ExitCode, await output, await error);
    }
}
