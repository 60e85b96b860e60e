using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vallum.Lab.Probing;

namespace Vallum.Lab.Tests;

public sealed class ProbingTests(ITestOutputHelper output) : LabTest
{
    private static readonly Service[] Services = [Service.Tcp(80), Service.Udp(80), Service.Sctp(80), Service.Tcp(81), Service.Udp(81), Service.Sctp(81)];

    private static readonly AddressFamily[] BothFamilies = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    [Fact]
    public async Task Without_rules_everyone_reaches_everyone_by_every_protocol_and_family()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(2, 4, [.. Services]), Cancellation);

        var echoes = BothFamilies.SelectMany(family => lab.Workloads.Select(to => lab.Probe("w1", to.Name, ProbeProtocol.Icmp, family: family)));
        var table = await lab.ProbeAsync(lab.AllPairs(Services, BothFamilies).Concat(echoes), cancellationToken: Cancellation);

        table.Rows.Count.ShouldBe((4 * 3 * 6 * 2) + 8);
        table.Differences(_ => true).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_closed_port_refuses_by_tcp_udp_and_sctp()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(2, 2), Cancellation);

        var table = await lab.ProbeAsync(lab.AllPairs(Services, BothFamilies), cancellationToken: Cancellation);

        table.Where(ProbeOutcome.Refused).Count().ShouldBe(table.Rows.Count, string.Join('\n', table.Rows));
    }

    [Theory]
    [InlineData("iptables", AddressFamily.InterNetwork)]
    [InlineData("ip6tables", AddressFamily.InterNetworkV6)]
    public async Task A_rule_on_a_node_that_stops_one_pair_is_seen_as_exactly_that(string tool, AddressFamily stopped)
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(2, 4, [.. Services]), Cancellation);
        var from = lab["w1"];
        var to = lab["w2"];
        await lab.RunAsync(
            "n2", tool, ["-A", "FORWARD", "-s", $"{from.AddressOf(stopped)}", "-d", $"{to.AddressOf(stopped)}", "-j", "DROP"], cancellationToken: Cancellation);
        // The way back too, or the answers of the other direction are what is missing.
        await lab.RunAsync(
            "n2", tool, ["-I", "FORWARD", "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"], cancellationToken: Cancellation);

        var table = await lab.ProbeAsync(lab.AllPairs(Services, BothFamilies), cancellationToken: Cancellation);

        output.WriteLine(table.Matrix(ProbeProtocol.Sctp, 80, stopped));
        table.Differences(probe => !(probe.From == "w1" && probe.To.Equals(to.AddressOf(stopped)))).ShouldBeEmpty();
        table.Where(ProbeOutcome.Blocked).Count().ShouldBe(Services.Length);
    }

    [Fact]
    public async Task Connection_tracking_takes_the_sctp_of_the_lab_for_valid()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(2, 2, Service.Sctp(80)), Cancellation);
        string rules =
            """
            *filter
            :FORWARD DROP [0:0]
            -A FORWARD -m conntrack --ctstate INVALID -j DROP
            -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
            -A FORWARD -p sctp --dport 80 -m conntrack --ctstate NEW -j ACCEPT
            COMMIT

            """;
        await lab.RunAsync("n1", "iptables-restore", [], rules, Cancellation);
        await lab.RunAsync("n2", "iptables-restore", [], rules, Cancellation);

        var allowed = lab.Probe("w1", "w2", ProbeProtocol.Sctp, 80);
        var table = await lab.ProbeAsync([allowed, allowed with { Port = 81 }], cancellationToken: Cancellation);

        table.Differences(probe => probe == allowed).ShouldBeEmpty();
        table[allowed with { Port = 81 }].Outcome.ShouldBe(ProbeOutcome.Blocked);
    }

    [Fact]
    public async Task The_sctp_of_the_lab_works_beside_a_kernel_that_is_kept_from_speaking_it()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 2, Service.Sctp(80)), Cancellation);
        await Sctp.SctpStack.SilenceKernelAsync(lab["w1"], Cancellation);
        await Sctp.SctpStack.SilenceKernelAsync(lab["w2"], Cancellation);

        var table = await lab.ProbeAsync(lab.AllPairs([Service.Sctp(80)], BothFamilies), cancellationToken: Cancellation);

        table.Differences(_ => true).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rule_that_rejects_is_a_refusal_and_not_a_silence()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 2, Service.Tcp(80), Service.Udp(80)), Cancellation);
        await lab.RunAsync("n1", "iptables", ["-A", "FORWARD", "-d", $"{lab["w2"].V4}", "-j", "REJECT"], cancellationToken: Cancellation);

        var table = await lab.ProbeAsync(
            [lab.Probe("w1", "w2", ProbeProtocol.Tcp, 80), lab.Probe("w1", "w2", ProbeProtocol.Udp, 80)], cancellationToken: Cancellation);

        table.Where(ProbeOutcome.Refused).Count().ShouldBe(2, string.Join('\n', table.Rows));
    }

    [Fact]
    public async Task The_wrong_host_answering_is_an_error()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 3, Service.Tcp(80), Service.Udp(80)), Cancellation);
        await lab.RunAsync(
            "n1", "iptables", ["-t", "nat", "-A", "PREROUTING", "-d", $"{lab["w2"].V4}", "-j", "DNAT", "--to-destination", $"{lab["w3"].V4}"],
            cancellationToken: Cancellation);

        var table = await lab.ProbeAsync(
            [lab.Probe("w1", "w2", ProbeProtocol.Tcp, 80), lab.Probe("w1", "w2", ProbeProtocol.Udp, 80)], cancellationToken: Cancellation);

        table.Rows.ShouldAllBe(row => row.Result == new ProbeResult(ProbeOutcome.Error, "w3 answered in place of w2"));
    }

    [Fact]
    public async Task Nodes_and_machines_outside_reach_workloads_and_are_reached()
    {
        var spec = LabSpec.Of(2, 2, Service.Tcp(80));
        spec = spec with
        {
            Workloads = spec.Workloads.Add(new WorkloadSpec("client", null) { Addresses = [IPAddress.Parse("198.51.100.7"), IPAddress.Parse("2001:db8:7::1")], Services = [Service.Tcp(80)] }),
        };
        await using var lab = await PacketLab.CreateAsync(spec, Cancellation);

        var table = await lab.ProbeAsync(
            BothFamilies.SelectMany(family => new[]
            {
                lab.Probe("client", "w1", ProbeProtocol.Tcp, 80, family),
                lab.Probe("client", "w2", ProbeProtocol.Tcp, 80, family),
                lab.Probe("w2", "client", ProbeProtocol.Tcp, 80, family),
                lab.Probe("n1", "w1", ProbeProtocol.Tcp, 80, family),
                lab.Probe("n1", "w2", ProbeProtocol.Tcp, 80, family),
                lab.Probe("client", "n1", ProbeProtocol.Icmp, family: family),
                lab.Probe("w1", "n2", ProbeProtocol.Icmp, family: family),
            }),
            cancellationToken: Cancellation);

        table.Differences(_ => true).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_forged_source_is_heard_unless_a_rule_stops_it()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 3, Service.Udp(53)), Cancellation);
        foreach (var forged in new[] { lab["w3"].V4, lab["w3"].V6 })
        {
            (await lab.IsForgedHeardAsync("w1", forged, "w2", 53, cancellationToken: Cancellation)).ShouldBeTrue();
            var tool = forged.AddressFamily == AddressFamily.InterNetwork ? "iptables" : "ip6tables";
            await lab.RunAsync("n1", tool, ["-A", "FORWARD", "-i", lab["w1"].NodeInterface!, "-s", $"{forged}", "-j", "DROP"], cancellationToken: Cancellation);
            (await lab.IsForgedHeardAsync("w1", forged, "w2", 53, TimeSpan.FromMilliseconds(300), Cancellation)).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_port_that_is_closed_and_opened_again_refuses_between()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(1, 2, [.. Services]), Cancellation);
        Probe[] probes = [.. lab.AllPairs(Services, BothFamilies).Where(probe => probe.From == "w1")];

        foreach (var service in Services)
        {
            await lab.CloseAsync("w2", service);
        }
        (await lab.ProbeAsync(probes, cancellationToken: Cancellation)).Where(ProbeOutcome.Refused).Count().ShouldBe(probes.Length);

        foreach (var service in Services)
        {
            await lab.OpenAsync("w2", service);
        }
        (await lab.ProbeAsync(probes, cancellationToken: Cancellation)).Differences(_ => true).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nine_workloads_are_probed_on_six_ports_in_a_few_seconds(bool stopped)
    {
        var clock = Stopwatch.StartNew();
        var lab = await PacketLab.CreateAsync(LabSpec.Of(3, 9, [.. Services]), Cancellation);
        output.WriteLine($"up: {clock.ElapsedMilliseconds} ms");
        await using (lab)
        {
            if (stopped)
            {
                foreach (var node in lab.Nodes)
                {
                    await lab.RunAsync(node.Name, "iptables", ["-P", "FORWARD", "DROP"], cancellationToken: Cancellation);
                }
            }
            Probe[] probes =
            [
                .. from source in lab.Workloads
                   from target in lab.Workloads
                   from service in Services
                   select lab.Probe(source.Name, target.Name, service.Protocol, service.Port),
            ];
            clock.Restart();
            var table = await lab.ProbeAsync(probes, cancellationToken: Cancellation);
            var elapsed = clock.Elapsed;
            output.WriteLine($"{probes.Length} probes: {elapsed.TotalMilliseconds:f0} ms");

            probes.Length.ShouldBe(486);
            table.Differences(probe => !stopped || lab[probe.From].V4.Equals(probe.To)).ShouldBeEmpty();
            elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
            clock.Restart();
        }
        output.WriteLine($"down: {clock.ElapsedMilliseconds} ms");
    }
}
