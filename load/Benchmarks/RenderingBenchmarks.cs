using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.Benchmarks;

/// <summary>A node of 250 endpoints, each under one of 25 profiles; each policy admits one of 50 groups on a port.</summary>
public class RenderingBenchmarks
{
    private const int Endpoints = 250;
    private const int Profiles = 25;
    private const int Groups = 50;

    private NodeState _state = NodeState.Empty;
    private NodeState _next = NodeState.Empty;
    private Rendering _rendering = Renderer.Render(NodeState.Empty, RenderOptions.Default);
    private Rendering _nextRendering = Renderer.Render(NodeState.Empty, RenderOptions.Default);

    [Params(100, 10_000)]
    public int Policies { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _state = new NodeState(
            [],
            [.. Enumerable.Range(0, Endpoints).Select(number => new Binding($"t/e{number}", [Host(0x0A3C_0000, number)], $"vw{number}", $"profile-{number % Profiles}"))],
            Enumerable.Range(0, Profiles).ToImmutableDictionary(number => $"profile-{number}", ProfileOf),
            Enumerable.Range(0, Policies).ToImmutableDictionary(RulesName, RulesOf),
            Enumerable.Range(0, Groups).ToImmutableDictionary(GroupName, number => Group.Of(new SetMember(Cidr.Host(Host(0x0A64_0000, number))))));
        _next = _state with { Groups = _state.Groups.SetItem(GroupName(0), Group.Of(new SetMember(Cidr.Host(Host(0x0A65_0000, 1))))) };
        _rendering = Renderer.Render(_state, RenderOptions.Default);
        _nextRendering = Renderer.Render(_next, RenderOptions.Default, _rendering);
    }

    [Benchmark(Description = "rendering: a node from nothing")]
    public Rendering Whole() => Renderer.Render(_state, RenderOptions.Default);

    [Benchmark(Description = "rendering: a group's member changes")]
    public Rendering Next() => Renderer.Render(_next, RenderOptions.Default, _rendering);

    [Benchmark(Description = "planning: a group's member changes")]
    public int Plan() => Planner.Between(_rendering.Kernel, _nextRendering.Kernel).Steps.Length;

    private Profile ProfileOf(int number) => Profile.Open with
    {
        Policies = [.. Enumerable.Range(0, Policies).Where(policy => policy % Profiles == number)
            .Select(policy => new PolicyInForce(Direction.Ingress, Tier.Tenant, 0, RulesName(policy), RulesName(policy), false))],
    };

    private static PolicyRules RulesOf(int number)
    {
        var service = Service.Of(IpProtocol.Tcp, PortRange.Single(1_000 + number));
        return new PolicyRules(RulesName(number), [new Rule("r", RuleAction.Allow, [new Match([new Peer.Group(GroupName(number % Groups))], [service])])], [], false);
    }

    private static string RulesName(int number) => $"p{number}";

    private static string GroupName(int number) => $"g{number}";

    private static Address Host(uint first, int number) => Address.V4(first + (uint)number);
}
