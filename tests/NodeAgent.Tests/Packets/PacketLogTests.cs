using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Contracts.Agent.V1;
using Vallum.Lab;
using Vallum.Lab.Probing;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.PacketLog;
using Vallum.NodeAgent.Tests.Kernel;
using Action = Vallum.Contracts.Agent.V1.Action;
using FlowEvent = Vallum.NodeAgent.PacketLog.FlowEvent;

namespace Vallum.NodeAgent.Tests.Packets;

/// <summary>Denied and logged packets become events that name the policy.</summary>
public sealed class PacketLogTests(ITestOutputHelper output)
{
    private const int Group = 77;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task A_denied_and_a_logged_flow_say_which_policy_decided(IptablesFlavour flavour)
    {
        Assert.SkipUnless(LabNeeds.Missing is null, LabNeeds.Missing ?? "");
        var services = new[] { Vallum.Lab.Service.Tcp(80), Vallum.Lab.Service.Tcp(81), Vallum.Lab.Service.Udp(53) };
        await using var enforced = await EnforcedLab.CreateAsync(LabSpec.Of(2, 2, [.. services]), flavour, Token, Group);
        await enforced.ApplyAsync(
            name => name != "w2" ? [] :
            [
                EnforcedLab.InForce(Direction.Ingress, Tier.Tenant, "web"),
                EnforcedLab.InForce(Direction.Ingress, Tier.Admin, "never"),
            ],
            state =>
            {
                state.Put(ResourceKind.PolicyRules, "web", Rules("web", "http", Action.Allow, 6, 80, log: true));
                state.Put(ResourceKind.PolicyRules, "never", Rules("never", "dns", Action.Deny, 17, 53, log: false));
            },
            Token);
        var node = enforced.Lab["w2"].Node!;
        var text = new StringWriter();
        var events = new FlowEvents(
            () => NetworkNamespace.In(enforced.Lab[node].Namespace, () => PacketLogSocket.Open(Group)),
            new FlowReading(() => enforced.AgentOf(node).State, index => $"if{index}", TimeProvider.System), text, NullLogger.Instance);
        var reader = events.Reader;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = events.RunAsync(stop.Token);

        // The first probes may come before the group is listened to.
        var lab = enforced.Lab;
        var probes = new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }.SelectMany(family => new[]
        {
            lab.Probe("w1", "w2", ProbeProtocol.Tcp, 80, family), lab.Probe("w1", "w2", ProbeProtocol.Tcp, 81, family),
            lab.Probe("w1", "w2", ProbeProtocol.Udp, 53, family), lab.Probe("w1", "w2", ProbeProtocol.Icmp, 0, family),
        }).ToArray();
        var seen = new List<FlowEvent>();
        var expected = new (string, string, int?, string?, string?)[]
        {
            ("logged", "tcp", 80, "policies/web", "http"), ("denied", "tcp", 81, "policies/web", null),
            ("denied", "udp", 53, "policies/never", "dns"), ("denied", "icmp", 8, "policies/web", null), ("denied", "icmpv6", 128, "policies/web", null),
        };
        for (var attempt = 0; attempt < 10 && !expected.All(e => seen.Any(s => Key(s) == e)); attempt++)
        {
            await lab.ProbeAsync(probes, TimeSpan.FromMilliseconds(500), Token);
            while (reader.TryRead(out var one))
            {
                seen.Add(one);
            }
        }

        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        output.WriteLine(text.ToString());
        expected.Except(seen.Select(Key)).ShouldBeEmpty();
        seen.ShouldAllBe(e => e.SourceEndpoint == null && e.DestinationEndpoint == "t/w2" && e.Direction == "ingress" && e.In != null && e.Out != null);
        seen.Select(e => e.Source).Distinct().ShouldBe(lab["w1"].Addresses.Select(a => a.ToString()), ignoreOrder: true);
        seen.First(e => e.DestinationPort == 81).Reason.ShouldBe("isolated by policies/web");
        (seen[0].At - DateTimeOffset.UtcNow).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(5));
        events.Dropped.ShouldBe(0);
        foreach (var line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            JsonDocument.Parse(line).RootElement.GetProperty("verdict").GetString().ShouldBeOneOf("denied", "logged");
        }
    }

    private static (string, string, int?, string?, string?) Key(FlowEvent e) =>
        (e.Verdict, e.Protocol, e.DestinationPort ?? e.IcmpType, e.Policy, e.Rule);

    private static PolicyRulesHead Rules(string policy, string rule, Action action, uint protocol, uint port, bool log) => new()
    {
        Policy = $"policies/{policy}",
        Ingress =
        {
            new Rule
            {
                Name = rule,
                Action = action,
                Log = log,
                Matches =
                {
                    new Match { Services = { new Contracts.Agent.V1.Service { Protocol = protocol, Ports = { new PortRange { First = port, Last = port } } } } },
                },
            },
        },
    };
}
