using Vallum.Lab.Probing;

namespace Vallum.Lab.Tests;

public sealed class FlowTests : LabTest
{
    [Theory]
    [InlineData(ProbeProtocol.Tcp)]
    [InlineData(ProbeProtocol.Udp)]
    [InlineData(ProbeProtocol.Sctp)]
    public async Task A_flow_counts_what_a_short_interruption_costs(ProbeProtocol protocol)
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(2, 2, new Service(protocol, 80)), Cancellation);
        await using var flow = lab.StartFlow(lab.Probe("w1", "w2", protocol, 80), perSecond: 100, TimeSpan.FromMilliseconds(150));
        await AnsweredAsync(flow, 20);

        await lab.RunAsync("n2", "iptables", ["-P", "FORWARD", "DROP"], cancellationToken: Cancellation);
        await Task.Delay(300, Cancellation);
        await lab.RunAsync("n2", "iptables", ["-P", "FORWARD", "ACCEPT"], cancellationToken: Cancellation);
        await AnsweredAsync(flow, flow.Answered + 20);

        var report = await flow.StopAsync();
        report.Lost.Count.ShouldBeInRange(5, 60, report.ToString());
        report.Leaked.Count.ShouldBeGreaterThanOrEqualTo(40, report.ToString());
        report.Attempts[0].Result.Outcome.ShouldBe(ProbeOutcome.Allowed);
        report.Attempts[^1].Result.Outcome.ShouldBe(ProbeOutcome.Allowed);
    }

    [Fact]
    public async Task A_flow_that_nothing_disturbs_loses_nothing()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(2, 2, Service.Tcp(80)), Cancellation);
        await using var flow = lab.StartFlow(lab.Probe("w1", "w2", ProbeProtocol.Tcp, 80), perSecond: 200);
        await AnsweredAsync(flow, 200);

        var report = await flow.StopAsync();

        report.Lost.ShouldBeEmpty(report.ToString());
    }

    [Fact]
    public async Task A_held_connection_tells_whether_it_still_passes()
    {
        await using var lab = await PacketLab.CreateAsync(LabSpec.Of(2, 2, Service.Tcp(80)), Cancellation);
        await using var connection = await lab.ConnectAsync("w1", lab["w2"].V6, 80, cancellationToken: Cancellation);
        connection.AnsweredBy.ShouldBe("w2");
        (await connection.ExchangeAsync(TimeSpan.FromSeconds(1), Cancellation)).ShouldBeTrue();

        await lab.RunAsync("n2", "ip6tables", ["-P", "FORWARD", "DROP"], cancellationToken: Cancellation);
        (await connection.ExchangeAsync(TimeSpan.FromMilliseconds(300), Cancellation)).ShouldBeFalse();

        await lab.RunAsync("n2", "ip6tables", ["-P", "FORWARD", "ACCEPT"], cancellationToken: Cancellation);
        (await connection.ExchangeAsync(TimeSpan.FromSeconds(5), Cancellation)).ShouldBeTrue();
    }

    private static async Task AnsweredAsync(SteadyFlow flow, int count)
    {
        while (flow.Answered < count)
        {
            await Task.Delay(10, Cancellation);
        }
    }
}
