using System.Net.Sockets;
using Vallum.Contracts.Agent.V1;
using Vallum.Lab;
using Vallum.Lab.Probing;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Tests.Wire;
using Service = Vallum.Lab.Service;

namespace Vallum.NodeAgent.Tests.Packets;

/// <summary>Agents on nodes of a lab, told by hand; packets judge.</summary>
public sealed class PacketTests
{
    private static readonly Service[] Asked = [Service.Tcp(80), Service.Tcp(81), Service.Udp(53)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task Packets_pass_and_stop_as_the_policies_say(IptablesFlavour flavour)
    {
        Assert.SkipUnless(LabNeeds.Missing is null, LabNeeds.Missing ?? "");
        await using var enforced = await EnforcedLab.CreateAsync(LabSpec.Of(2, 4, [.. Asked]), flavour, Token);
        var lab = enforced.Lab;

        // Without policies everything passes, and so do the rules.
        await enforced.ApplyAsync(_ => [], _ => { }, Token);
        var probes = lab.AllPairs(Asked, AddressFamily.InterNetwork, AddressFamily.InterNetworkV6).ToArray();
        (await lab.ProbeAsync(probes, cancellationToken: Token)).Differences(_ => true).ShouldBeEmpty();

        // w1 takes tcp 80 from w2 and w4; w2 sends to w1 only; the operator denies w4 everything on udp.
        await enforced.ApplyAsync(
            name => name switch
            {
                "w1" => [EnforcedLab.InForce(Direction.Ingress, Tier.Tenant, "w1")],
                "w2" => [EnforcedLab.InForce(Direction.Egress, Tier.Tenant, "w2")],
                "w4" => [EnforcedLab.InForce(Direction.Egress, Tier.Admin, "w4")],
                _ => [],
            },
            state =>
            {
                state.Put(ResourceKind.Group, "clients", null, enforced.Members("w2", "w4"));
                state.Put(ResourceKind.Group, "w1", null, enforced.Members("w1"));
                state.Put(ResourceKind.PolicyRules, "w1", WireState.Allow(new Peer { Group = "clients" }, 80));
                state.Put(ResourceKind.PolicyRules, "w2", new PolicyRulesHead
                {
                    Egress = { new Rule { Action = Contracts.Agent.V1.Action.Allow, Matches = { new Match { Peers = { new Peer { Group = "w1" } } } } } },
                });
                state.Put(ResourceKind.PolicyRules, "w4", new PolicyRulesHead
                {
                    Egress =
                    {
                        new Rule
                        {
                            Action = Contracts.Agent.V1.Action.Deny,
                            Matches = { new Match { Peers = { new Peer { Any = true } }, Services = { new Contracts.Agent.V1.Service { Protocol = 17 } } } },
                        },
                    },
                });
            },
            Token);
        (await lab.ProbeAsync(probes, cancellationToken: Token)).Differences(probe => (probe.From, Owner(lab, probe), probe.Protocol, probe.Port) switch
        {
            ("w4", _, ProbeProtocol.Udp, _) => false,
            ("w2", var to, _, _) when to != "w1" => false,
            ("w2" or "w4", "w1", ProbeProtocol.Tcp, 80) => true,
            (_, "w1", _, _) => false,
            _ => true,
        }).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_workload_cannot_send_as_another_and_an_unknown_one_cannot_be_reached()
    {
        Assert.SkipUnless(LabNeeds.Missing is null, LabNeeds.Missing ?? "");
        await using var enforced = await EnforcedLab.CreateAsync(LabSpec.Of(2, 4, [.. Asked]), IptablesFlavour.Nft, Token);
        var lab = enforced.Lab;
        (await lab.IsForgedHeardAsync("w1", lab["w3"].V4, "w2", 53, cancellationToken: Token)).ShouldBeTrue("the lab lets forged packets through");
        await enforced.ApplyAsync(_ => [], _ => { }, Token);
        (await lab.IsForgedHeardAsync("w1", lab["w3"].V4, "w2", 53, cancellationToken: Token)).ShouldBeFalse();
        (await lab.IsForgedHeardAsync("w1", lab["w3"].V6, "w2", 53, cancellationToken: Token)).ShouldBeFalse();
    }

    private static string Owner(PacketLab lab, Probe probe) => lab.Workloads.First(w => w.Addresses.Contains(probe.To)).Name;
}
