using System.Diagnostics;
using System.Net.Sockets;
using Vallum.Contracts.Agent.V1;
using Vallum.Lab;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Tests.Wire;
using Action = Vallum.Contracts.Agent.V1.Action;

namespace Vallum.NodeAgent.Tests.Packets;

/// <summary>
/// What becomes of open connections. w2 may be asked by the "clients" w1 (another node), w4 (its own) and w3, and may itself send to anybody, so
/// that what a server sends after the end of a flow is allowed as a flow of its own.
/// </summary>
public sealed class RevocationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Stopped = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public Task The_flows_of_members_that_went_end_and_others_never_notice(IptablesFlavour flavour) =>
        PlayAsync(flavour, cut: true, ["w1", "w4"], (enforced, cut) => ChangeAsync(enforced, cut, clients: ["w3"]));

    [Fact]
    public Task A_policy_that_keeps_lets_all_flows_go_on() =>
        PlayAsync(IptablesFlavour.Nft, cut: false, [], (enforced, cut) => ChangeAsync(enforced, cut, clients: ["w3"]));

    [Fact]
    public Task The_flows_of_a_policy_that_went_end_where_another_isolates() =>
        PlayAsync(IptablesFlavour.Nft, cut: true, ["w1", "w3", "w4"], (enforced, cut) => ChangeAsync(enforced, cut, policies: ["other"]));

    [Fact]
    public Task A_deny_that_comes_ends_the_flows_that_it_denies() =>
        PlayAsync(IptablesFlavour.Nft, cut: true, ["w1"], (enforced, cut) => ChangeAsync(enforced, cut, denied: ["w1"]));

    [Fact]
    public Task The_flows_of_an_endpoint_that_is_deleted_end_whatever_the_policies_say() =>
        PlayAsync(IptablesFlavour.Nft, cut: false, ["w4"], (enforced, cut) => ChangeAsync(enforced, cut, without: "w4"));

    [Fact]
    public async Task What_is_allowed_again_works_again_from_the_same_port()
    {
        Assert.SkipUnless(LabNeeds.Missing is null, LabNeeds.Missing ?? "");
        await using var enforced = await EnforcedLab.CreateAsync(LabSpec.Of(2, 4), IptablesFlavour.Nft, Token);
        await ChangeAsync(enforced, cut: true);
        await using var flow = await LiveFlow.StartAsync(
            LiveKind.DatagramPush, enforced.Lab["w1"], enforced.Lab["w2"], AddressFamily.InterNetwork, 9100, Token);
        await HearsAsync(flow);
        await ChangeAsync(enforced, cut: true, clients: ["w3"]);
        await FallsSilentAsync(flow);
        await ChangeAsync(enforced, cut: true);
        await HearsAsync(flow);
    }

    private async Task PlayAsync(IptablesFlavour flavour, bool cut, string[] ended, Func<EnforcedLab, bool, Task> change)
    {
        Assert.SkipUnless(LabNeeds.Missing is null, LabNeeds.Missing ?? "");
        await using var enforced = await EnforcedLab.CreateAsync(LabSpec.Of(2, 4), flavour, Token);
        await ChangeAsync(enforced, cut);
        var flows = new List<(string Client, LiveFlow Flow)>();
        try
        {
            var port = 9000;
            foreach (var client in new[] { "w1", "w3", "w4" })
            {
                foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
                {
                    foreach (var kind in Enum.GetValues<LiveKind>())
                    {
                        flows.Add((client, await LiveFlow.StartAsync(kind, enforced.Lab[client], enforced.Lab["w2"], family, port++, Token)));
                    }
                }
            }

            await Task.WhenAll(flows.Select(f => HearsAsync(f.Flow)));
            await change(enforced, cut);
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(flows.Where(f => ended.Contains(f.Client)).Select(f => FallsSilentAsync(f.Flow)));
            output.WriteLine($"silent after {(Stopwatch.GetElapsedTime(start) - Stopped).TotalMilliseconds:0} ms");

            // Nothing comes back, not by what a server sends again after a while either.
            await Task.WhenAll(flows.Where(f => !ended.Contains(f.Client)).Select(f => HearsAsync(f.Flow)));
            await Task.Delay(TimeSpan.FromSeconds(1), Token);
            foreach (var (client, flow) in flows)
            {
                output.WriteLine(flow.ToString());
                if (ended.Contains(client))
                {
                    flow.Silence.ShouldBeGreaterThan(Stopped, flow.ToString());
                }
                else
                {
                    flow.Missing.ShouldBe(0, flow.ToString());
                }
            }

            await Task.WhenAll(flows.Where(f => !ended.Contains(f.Client)).Select(f => HearsAsync(f.Flow)));
        }
        finally
        {
            foreach (var (_, flow) in flows)
            {
                await flow.DisposeAsync();
            }
        }
    }

    /// <summary>w2 takes everything from the clients; "other" isolates it and allows nobody who is here.</summary>
    private static Task ChangeAsync(
        EnforcedLab enforced, bool cut, string[]? clients = null, string[]? policies = null, string[]? denied = null, string? without = null) =>
        enforced.ApplyAsync(
            name => name != "w2" ? [] :
            [
                .. (policies ?? ["clients", "other"]).Select(p => EnforcedLab.InForce(Direction.Ingress, Tier.Tenant, p)),
                EnforcedLab.InForce(Direction.Ingress, Tier.Admin, "denied"),
            ],
            state =>
            {
                state.Put(ResourceKind.Group, "clients", null, enforced.Members(clients ?? ["w1", "w3", "w4"]));
                state.Put(ResourceKind.Group, "denied", null, enforced.Members(denied ?? []));
                state.Put(ResourceKind.Group, "nobody", null, WireState.Member("192.0.2.1/32"));
                state.Put(ResourceKind.PolicyRules, "clients", Rules(Action.Allow, "clients", cut));
                state.Put(ResourceKind.PolicyRules, "other", Rules(Action.Allow, "nobody", false));
                state.Put(ResourceKind.PolicyRules, "denied", Rules(Action.Deny, "denied", cut));
            },
            without,
            Token);

    private static PolicyRulesHead Rules(Action action, string group, bool cut) => new()
    {
        Policy = $"policies/{group}",
        CutRevoked = cut,
        Ingress = { new Rule { Name = "r", Action = action, Matches = { new Match { Peers = { new Peer { Group = group } } } } } },
    };

    private static async Task HearsAsync(LiveFlow flow)
    {
        var before = flow.Heard;
        await WaitAsync(() => flow.Heard >= before + 10, () => $"it carries nothing: {flow}");
    }

    private static Task FallsSilentAsync(LiveFlow flow) => WaitAsync(() => flow.Silence >= Stopped, () => $"it goes on: {flow}");

    private static async Task WaitAsync(Func<bool> until, Func<string> otherwise)
    {
        var start = Stopwatch.GetTimestamp();
        while (!until())
        {
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Patience, otherwise());
            await Task.Delay(20, Token);
        }
    }
}
