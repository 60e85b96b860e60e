using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Vallum.Lab.Tests;

public sealed class ProcessTests : LabTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_process_runs_inside_the_namespace_of_its_host_under_its_own_id()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 0), Cancellation);
        var process = lab.Start("n1", new ProcessSpec("sh", "-c", "ip -br addr; echo id $$ $COLOUR; exec sleep 60")
        {
            Environment = new Dictionary<string, string> { ["COLOUR"] = "blue" }.ToImmutableDictionary(),
        });

        (await process.WaitForLineAsync("id ", Soon, Cancellation)).ShouldBe($"id {process.Id} blue");
        process.Output.ShouldContain("172.30.0.10/24");
        (await process.StopAsync(Soon, Cancellation)).ShouldBe(128 + 15);
    }

    [Fact]
    public async Task A_process_that_ends_early_shows_what_it_said()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 0), Cancellation);
        await using var process = lab.Start("n1", new ProcessSpec("sh", "-c", "echo no such option >&2; exit 2"));

        var failure = await Should.ThrowAsync<TimeoutException>(process.WaitForLineAsync("ready", Soon, Cancellation));

        failure.Message.ShouldContain("ended with 2");
        failure.Message.ShouldContain("no such option");
    }

    [Fact]
    public async Task A_process_that_ignores_sigterm_is_killed_and_named()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 0), Cancellation);
        var process = lab.Start("n1", new ProcessSpec("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"));
        await process.WaitForLineAsync("ready", Soon, Cancellation);

        await Should.ThrowAsync<TimeoutException>(process.StopAsync(TimeSpan.FromMilliseconds(300), Cancellation));

        process.HasExited.ShouldBeTrue();
    }

    [Fact]
    public async Task Agents_on_nodes_reach_the_control_host_until_their_management_link_is_cut()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(2, 2, Service.Tcp(80)), Cancellation);
        await lab.OpenAsync("control", Service.Tcp(7400));
        foreach (var address in lab.Control.Addresses)
        {
            await using var connection = await lab.ConnectAsync("n1", address, 7400, cancellationToken: Cancellation);
            connection.AnsweredBy.ShouldBe("control");
        }

        await lab.SetManagementLinkAsync("n1", up: false, Cancellation);
        await Should.ThrowAsync<Exception>(async () => await lab.ConnectAsync("n1", lab.Control.V4, 7400, cancellationToken: Cancellation));
        await using (await lab.ConnectAsync("n2", lab.Control.V4, 7400, cancellationToken: Cancellation))
        {
            var data = await lab.ProbeAsync(lab.AllPairs([Service.Tcp(80)], AddressFamily.InterNetwork), cancellationToken: Cancellation);
            data.Differences(_ => true).ShouldBeEmpty();
        }

        await lab.SetManagementLinkAsync("n1", up: true, Cancellation);
        await using var again = await lab.ConnectAsync("n1", lab.Control.V4, 7400, TimeSpan.FromSeconds(5), Cancellation);
    }

    [Fact]
    public async Task A_workload_does_not_reach_the_control_host()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 1), Cancellation);
        await lab.OpenAsync("control", Service.Tcp(7400));

        await Should.ThrowAsync<OperationCanceledException>(lab.ConnectAsync("w1", IPAddress.Parse("172.31.0.1"), 7400, TimeSpan.FromMilliseconds(300), Cancellation));
    }

    [Fact]
    public async Task A_listening_process_is_waited_for_and_can_be_frozen()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 0), Cancellation);
        var log = Path.GetTempFileName();
        var process = lab.Start("control", new ProcessSpec("redis-server", "--port", "7400", "--bind", "172.31.0.1", "--save", "") { LogFile = log });
        await process.WaitForPortAsync(7400, Soon, Cancellation);

        process.Signal(ProcessSignal.Stop);
        while (!(await File.ReadAllTextAsync($"/proc/{process.Id}/stat", Cancellation)).Contains(") T ", StringComparison.Ordinal))
        {
            await Task.Delay(5, Cancellation);
        }
        process.Signal(ProcessSignal.Continue);

        (await process.StopAsync(Soon, Cancellation)).ShouldBe(0);
        (await File.ReadAllTextAsync(log, Cancellation)).ShouldContain("Ready to accept connections");
        File.Delete(log);
    }
}
