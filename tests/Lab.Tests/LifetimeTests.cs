using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Vallum.Lab.Probing;

namespace Vallum.Lab.Tests;

public sealed class LifetimeTests : LabTest
{
    [Fact]
    public async Task A_lab_leaves_nothing_behind_and_never_touches_the_machine()
    {
        var before = await MachineAsync();
        var during = before;
        LabProcess process;
        await using (var lab = await PacketLab.CreateAsync(LabSpec.Of(2, 4, Service.Tcp(80)), Cancellation))
        {
            process = lab.Start("n1", new ProcessSpec("sh", "-c", "sleep 600 & wait"));
            await lab.RunAsync("n1", "iptables", ["-A", "FORWARD", "-j", "DROP"], cancellationToken: Cancellation);
            during = await MachineAsync();
            Ours().Count().ShouldBe(1 + 1 + 2 + 4);
        }

        during.ShouldBe(before);
        (await MachineAsync()).ShouldBe(before);
        Ours().ShouldBeEmpty();
        Directory.Exists($"/proc/{process.Id}").ShouldBeFalse();
    }

    [Fact]
    public async Task Two_labs_with_the_same_addresses_do_not_disturb_each_other()
    {
        await using var open = await PacketLab.CreateAsync(LabSpec.Of(2, 2, Service.Tcp(80)), Cancellation);
        var closed = await PacketLab.CreateAsync(LabSpec.Of(2, 2, Service.Tcp(80)), Cancellation);
        await using (closed)
        {
            await closed.RunAsync("n1", "iptables", ["-P", "FORWARD", "DROP"], cancellationToken: Cancellation);

            var tables = await Task.WhenAll(
                open.ProbeAsync(open.AllPairs([Service.Tcp(80)], AddressFamily.InterNetwork), cancellationToken: Cancellation),
                closed.ProbeAsync(closed.AllPairs([Service.Tcp(80)], AddressFamily.InterNetwork), cancellationToken: Cancellation));

            tables[0].Differences(_ => true).ShouldBeEmpty();
            tables[1].Where(ProbeOutcome.Blocked).Count().ShouldBe(2);
        }
        (await open.ProbeAsync([open.Probe("w1", "w2", ProbeProtocol.Tcp, 80)], cancellationToken: Cancellation)).Differences(_ => true).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_killed_owner_left_is_removed_and_what_a_living_one_has_is_not()
    {
        using var gone = Process.Start("true");
        await gone.WaitForExitAsync(Cancellation);
        var left = string.Create(CultureInfo.InvariantCulture, $"vlab{gone.Id}.1-1-n-n1");
        var reused = string.Create(CultureInfo.InvariantCulture, $"vlab{Environment.ProcessId}.1-1-n-n1");
        var living = $"{NamespaceNames.Prefix(0)}n-n1";
        var foreign = string.Create(CultureInfo.InvariantCulture, $"other{gone.Id}.1-1-n-n1");
        string[] all = [left, reused, living, foreign];
        await Command.RunAsync("ip", ["-batch", "-"], string.Join('\n', all.Select(name => $"netns add {name}")), Cancellation);
        using var inside = Process.Start("ip", ["netns", "exec", left, "sleep", "600"]);
        try
        {
            await Leftovers.SweepAsync(Cancellation);

            NamespaceNames.All().ShouldNotContain(left);
            NamespaceNames.All().ShouldNotContain(reused);
            NamespaceNames.All().ShouldContain(living);
            NamespaceNames.All().ShouldContain(foreign);
            await inside.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
        }
        finally
        {
            inside.Kill();
            await Leftovers.RemoveAsync([.. NamespaceNames.All().Where(all.Contains)], CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_spec_that_the_kernel_refuses_leaves_nothing_behind()
    {
        var spec = LabSpec.Of(1, 2);
        spec = spec with { Workloads = [.. spec.Workloads.Select(workload => workload with { NodeInterface = "same" })] };

        var failure = await Should.ThrowAsync<CommandFailedException>(PacketLab.CreateAsync(spec, Cancellation));

        failure.Message.ShouldContain("File exists");
        Ours().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_spec_that_contradicts_itself_is_refused_with_all_its_faults()
    {
        var spec = new LabSpec([new NodeSpec("n1"), new NodeSpec("n1")], [new WorkloadSpec("w", null) { NodeInterface = "sixteen-letters-" }]);

        var failure = await Should.ThrowAsync<ArgumentException>(PacketLab.CreateAsync(spec, Cancellation));

        failure.Message.ShouldContain("the name n1 is given twice");
    }

    private static IEnumerable<string> Ours() =>
        NamespaceNames.All().Where(name => name.StartsWith($"vlab{Environment.ProcessId}.", StringComparison.Ordinal));

    /// <summary>The interfaces, routes and rules of the namespace of the machine, without what counts.</summary>
    private static async Task<string> MachineAsync()
    {
        var parts = await Task.WhenAll(
            Command.RunAsync("ip", ["-br", "link"]),
            Command.RunAsync("ip", ["route", "show", "table", "all"]),
            Command.RunAsync("iptables-save", []),
            Command.RunAsync("ip6tables-save", []),
            Command.RunAsync("ipset", ["save"]),
            File.ReadAllTextAsync("/proc/sys/net/ipv4/ip_forward"));
        return string.Join('\n', parts.SelectMany(part => part.Split('\n')).Where(line => !line.StartsWith('#')));
    }
}
