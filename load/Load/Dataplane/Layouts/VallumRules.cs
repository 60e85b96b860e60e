using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Load.Dataplane.Connections;
using Vallum.Load.Dataplane.Testbed;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Layouts;

/// <summary>
/// What our renderer makes of a node with 250 endpoints, of which the client and the server are two: each policy allows one of 250 groups a TCP port.
/// </summary>
/// <param name="Shape">Which directions are isolated, and what the flow has to go past.</param>
/// <param name="Without">What is taken out of it, to see what it costs; null: nothing.</param>
internal sealed record VallumRules(VallumShape Shape, int Policies, TakenOut? Without = null)
    : Layout($"Vallum{Words(Shape)}{(Without is null ? "" : $", without {Without.Name}")}", Policies)
{
    private const int Endpoints = 250;
    private const int Groups = 250;
    private const string ClientGroup = "the-client";
    private const string ServerGroup = "the-server";
    private const string Refused = "refused";

    private static readonly RenderOptions Options = RenderOptions.Default with { WorkloadInterfaces = ["vw+"] };

    public override async Task InstallAsync(Router router, IptablesFlavour flavour, CancellationToken cancellationToken)
    {
        var kernel = new NodeKernel(new ToolSets(router.Processes), new ToolRules(router.Processes, new Toolset(flavour)));
        foreach (var step in Planner.Between(KernelState.Empty, Renderer.Render(State(router), Options).Kernel).Steps)
        {
            await kernel.RunAsync(step is PlanStep.ChangeRules rules && Without is not null ? rules with { Text = Without.From(rules.Text) } : step, cancellationToken);
        }
    }

    private static string Words(VallumShape shape) => shape switch
    {
        VallumShape.Ingress => "",
        VallumShape.BothDirections => ", both directions",
        _ => ", worst shape",
    };

    private NodeState State(Router router)
    {
        var ingress = Side(Direction.Ingress, ClientGroup);
        var egress = Shape == VallumShape.Ingress ? [] : Side(Direction.Egress, ServerGroup);
        return new NodeState(
            [],
            [.. Bindings(router)],
            ImmutableDictionary.CreateRange(new Dictionary<string, Profile>
            {
                ["open"] = Profile.Open,
                ["client"] = Profile.Open with { Policies = [.. egress.Select(side => side.InForce)] },
                ["server"] = Profile.Open with { Policies = [.. ingress.Select(side => side.InForce)] },
            }),
            ingress.Concat(egress).ToImmutableDictionary(side => side.InForce.Rules, side => side.Rules),
            Enumerable.Range(0, Groups).ToImmutableDictionary(GroupName, index => Group.Of(new SetMember(Cidr.Host(Address.V4(0x0A640000u + (uint)index)))))
                .Add(ClientGroup, Group.Of(new SetMember(Cidr.Host(router.Client))))
                .Add(ServerGroup, Group.Of(new SetMember(Cidr.Host(router.Server))))
                .Add(Refused, Group.Of(new SetMember(Cidr.Parse("192.0.2.0/24")))));
    }

    private static IEnumerable<Binding> Bindings(Router router) => Enumerable.Range(0, Endpoints - 2)
        .Select(index => new Binding($"t/e{index}", [Address.V4(0x0A3C0000u + (uint)index)], $"vw{index}", "open"))
        .Append(new Binding("t/client", [router.Client], Router.ClientSide, "client"))
        .Append(new Binding("t/server", [router.Server], Router.ServerSide, "server"));

    private List<(PolicyInForce InForce, PolicyRules Rules)> Side(Direction direction, string other)
    {
        List<(PolicyInForce, PolicyRules)> policies = [.. Enumerable.Range(0, Policies - 1).Select(Ordinary)];
        if (Shape != VallumShape.WorstShape)
        {
            policies.Add(Tenant("z", RuleAction.Allow, other, Service.Of(IpProtocol.Tcp, PortRange.Single(ResponseServer.Port))));
            return policies;
        }

        policies.Add(Policy(Tier.Admin, "a-deny", RuleAction.Deny, Refused, Service.Any));
        policies.Add(Policy(Tier.Admin, "b-deny", RuleAction.Deny, Refused, Service.Of(IpProtocol.Tcp, PortRange.Single(ResponseServer.Port))));
        policies.Add(Tenant("y-range", RuleAction.Allow, GroupName(0), Service.Of(IpProtocol.Tcp, new PortRange(8_000, 8_999))));
        policies.Add(Tenant("z-any", RuleAction.Allow, other, Service.Any));
        return policies;

        (PolicyInForce, PolicyRules) Ordinary(int index) =>
            Tenant($"p{index:000000}", RuleAction.Allow, GroupName(index % Groups), Service.Of(IpProtocol.Tcp, PortRange.Single(20_000 + (index / Groups))));

        (PolicyInForce, PolicyRules) Tenant(string name, RuleAction action, string peer, Service service) => Policy(Tier.Tenant, name, action, peer, service);

        (PolicyInForce, PolicyRules) Policy(Tier tier, string name, RuleAction action, string peer, Service service)
        {
            var rules = $"{direction}-{name}";
            var rule = new Rule("r", action, [new Match([new Peer.Group(peer)], [service])]);
            return (
                new PolicyInForce(direction, tier, 0, rules, rules, false),
                new PolicyRules(rules, direction == Direction.Ingress ? [rule] : [], direction == Direction.Egress ? [rule] : [], false));
        }
    }

    private static string GroupName(int index) => $"g{index:000}";
}

internal enum VallumShape
{
    /// <summary>The server's policies for what comes in; the last of them matches.</summary>
    Ingress,

    /// <summary>As many for what the client sends, too.</summary>
    BothDirections,

    /// <summary>Both directions, each with deny rules before, a range of ports, and the match in what comes last: any port.</summary>
    WorstShape,
}
