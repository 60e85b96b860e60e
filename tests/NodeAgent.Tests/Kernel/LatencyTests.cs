using System.Diagnostics;
using System.Globalization;
using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Tests.Wire;

namespace Vallum.NodeAgent.Tests.Kernel;

/// <summary>What a change costs from the update's arrival to the ack. The bounds are far off; the figures are in the test's output.</summary>
public sealed class LatencyTests
{
    private const int Members = 10_000;
    private const int Changes = 60;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task A_change_of_one_member_or_one_rule_does_not_grow_with_what_is_there(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        using var directory = new TemporaryDirectory();
        await using var silo = await FakeSilo.StartAsync();
        await using var agent = await RunningAgent.StartAsync(directory.Options(silo.Address), space.Kernel(flavour));
        var (stream, _) = await silo.AcceptAsync(Token);
        var wanted = WireState.Web([.. Enumerable.Range(0, Members).Select(n => $"10.{100 + (n >> 8)}.{n & 255}.1/32")]);
        var load = await TimeAsync(stream, wanted.Snapshot(1));
        var member = new List<double>();
        var rule = new List<double>();
        for (var i = 0; i < Changes; i++)
        {
            var nonce = (ulong)(2 * i) + 2;
            var change = wanted.Change(nonce, ResourceKind.Group, "clients", [WireState.Member($"10.9.{i}.1/32")], []);
            member.Add(await TimeAsync(stream, change));
            var rules = wanted.Change(nonce + 1, ResourceKind.PolicyRules, "p", [], [], WireState.Allow(new Peer { Group = "clients" }, (uint)(1000 + i)));
            rule.Add(await TimeAsync(stream, rules));
        }

        stream.End();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{flavour}: {Members} members loaded in {load:0} ms; member p50 {At(member, 0.5):0.0} ms p99 {At(member, 0.99):0.0}; rule p50 {At(rule, 0.5):0.0} ms p99 {At(rule, 0.99):0.0}"));
        At(member, 0.5).ShouldBeLessThan(200);
        At(rule, 0.5).ShouldBeLessThan(400);
    }

    private static async Task<double> TimeAsync(AgentStream stream, Update update)
    {
        var start = Stopwatch.GetTimestamp();
        await stream.SendAsync(update);
        (await stream.ReceiveAsync()).Ack.ShouldNotBeNull().HeldDigest.ShouldBe(update.HeldDigest);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double At(List<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count - 1)));
}
