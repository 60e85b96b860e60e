using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests;

/// <summary>Who may send as whom: behind interfaces, behind ports of a bridge, and where the interface of an endpoint is not known.</summary>
public sealed class SourceChecksTests
{
    private static readonly Binding Web = Endpoint("web", "10.1.7.10", "vw1");
    private static readonly Binding Db = Endpoint("db", "10.1.7.11", "vw2");
    private static readonly Binding Lost = Endpoint("lost", "10.1.7.12", null);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_address_of_an_endpoint_without_an_interface_does_not_come_from_that_of_another(bool pattern)
    {
        var kernel = Kernel(Links.None, pattern ? ["vw+"] : [], Web, Lost);
        kernel.Forwards(From("10.1.7.12", "vw1")).ShouldBeFalse("vw1 is web's");
        kernel.Forwards(From("10.1.7.12", "vw9")).ShouldBeTrue("vw9 is nobody's");
        kernel.Forwards(From("10.1.7.10", "vw1")).ShouldBeTrue();
        kernel.Receives(From("10.1.7.12", "vw1")).ShouldBeFalse("the node itself is not spoken to in its name either");
    }

    [Theory]
    [InlineData]
    [InlineData("vw+")]
    [InlineData("br0")]
    public void Behind_a_bridge_an_address_comes_through_its_own_port(params string[] patterns)
    {
        var kernel = Kernel(Bridged(shows: true), patterns, Web, Db);
        kernel.Forwards(Over("10.1.7.10", "vw1")).ShouldBeTrue();
        kernel.Forwards(Over("10.1.7.10", "vw2")).ShouldBeFalse("web's address through db's port");
        kernel.Forwards(Over("10.1.7.99", "vw2")).ShouldBeFalse("nobody's address");
        kernel.Receives(Over("10.1.7.10", "vw2")).ShouldBeFalse();
        kernel.Receives(Over("10.1.7.11", "vw2")).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void To_a_workload_interface_goes_only_what_is_for_its_own_endpoint(bool accept)
    {
        var options = RenderOptions.Default with { WorkloadInterfaces = ["vw+", "tap+"], WorkloadBlocks = [Cidr.Parse("10.1.7.0/24")], AcceptAllowed = accept };
        var kernel = Kernel(Links.None, options, Web, Db, Lost);
        foreach (var (source, link) in new[] { ("10.1.7.10", "vw1"), ("203.0.113.7", "eth0"), ("10.1.7.12", "vw9") })
        {
            kernel.Forwards(To(source, link, "10.1.7.11", "vw2")).ShouldBeTrue();
            kernel.Forwards(To(source, link, "10.1.7.12", "tap3")).ShouldBeTrue("where lost is nobody knows");
            kernel.Forwards(To(source, link, "10.1.7.11", "vw1")).ShouldBeFalse("a wrong route");
            kernel.Forwards(To(source, link, "10.9.7.99", "tap3")).ShouldBeFalse("nobody's address");
            kernel.Forwards(To(source, link, "10.1.7.99", "eth0")).ShouldBeFalse("an endpoint's address that nobody has");
            kernel.Forwards(To(source, link, "198.51.100.1", "eth0")).ShouldBeTrue("anywhere else");
        }
    }

    [Fact]
    public void The_way_of_a_flow_that_is_judged_has_no_lookup_for_whose_it_is()
    {
        var table = Kernel(Links.None, RenderOptions.Default with { WorkloadInterfaces = ["vw+"] }, "closed", Web, Db).Read().V4;
        table.Hooks.Select(h => h.Rule).ShouldBe(["-j VALLUM-FORWARD", "-j VALLUM-INPUT"]);
        table.Chains[KernelNames.Forward].Skip(2).ShouldBe(
        [
            "-j VALLUM-EGRESS",
            "-j VALLUM-INGRESS",
            "-o vw+ -j ACCEPT",
            "-i vw+ -j ACCEPT",
            "-m set --match-set vallum4-local src -j ACCEPT",
            "-m set --match-set vallum4-local dst -j ACCEPT",
        ]);
        var judge = table.Chains.Keys.Single(c => c.StartsWith("VALLUM-PI-", StringComparison.Ordinal));
        var checkedFirst = table.Chains.Keys.Single(c => c.StartsWith("VALLUM-SI-", StringComparison.Ordinal));
        table.Chains[KernelNames.Ingress].ShouldBe(
        [
            "-s 10.0.0.1/32 -g VALLUM-DESTINATIONS",
            $"! -s 10.1.7.10/32 -d 10.1.7.10/32 -o vw1 -g {judge}",
            $"! -s 10.1.7.10/32 -d 10.1.7.10/32 -g {checkedFirst}",
            $"! -s 10.1.7.11/32 -d 10.1.7.11/32 -o vw2 -g {judge}",
            $"! -s 10.1.7.11/32 -d 10.1.7.11/32 -g {checkedFirst}",
            "-o vw+ -m set ! --match-set vallum4-gate dst,dst -j VALLUM-DENY",
        ]);
        table.Chains[checkedFirst].ShouldBe(["-j VALLUM-DESTINATIONS", $"-g {judge}"]);
    }

    [Theory]
    [InlineData("open", true)]
    [InlineData("closed", true)]
    [InlineData("open", false)]
    [InlineData("closed", false)]
    public void An_address_passes_from_and_to_its_own_interface_whoever_judges_it(string profile, bool pattern)
    {
        var kernel = Kernel(Links.None, RenderOptions.Default with { WorkloadInterfaces = pattern ? ["vw+"] : [] }, profile, Web, Db, Lost);
        kernel.Forwards(To("10.1.7.10", "vw1", "10.1.7.11", "vw2")).ShouldBeTrue();
        kernel.Forwards(To("10.1.7.10", "vw1", "10.1.7.10", "vw1")).ShouldBeTrue("an endpoint may reach itself");
        kernel.Forwards(To("10.1.7.10", "vw2", "10.1.7.10", "vw1")).ShouldBeFalse("but nobody else in its name");
        kernel.Forwards(To("10.1.7.10", "vw2", "10.1.7.11", "vw2")).ShouldBeFalse("web's address from db's interface");
        kernel.Forwards(To("10.1.7.10", "vw2", "10.0.0.1", "eth9")).ShouldBeFalse("not to the node either");
        kernel.Forwards(To("10.1.7.10", "eth0", "10.1.7.11", "vw2")).ShouldBeTrue("an interface that is no endpoint's proves nothing");
        kernel.Forwards(To("203.0.113.7", "eth0", "10.1.7.11", "vw1")).ShouldBe(!pattern, "a wrong route");
        kernel.Forwards(To("10.0.0.1", "eth0", "10.1.7.11", "vw1")).ShouldBe(!pattern, "a wrong route");
        kernel.Forwards(To("203.0.113.7", "eth0", "10.1.7.12", "vw7")).ShouldBeTrue("where lost is nobody knows");
    }

    [Fact]
    public void A_bridge_that_also_leads_elsewhere_lets_strangers_through_its_other_ports()
    {
        var kernel = Kernel(Bridged(shows: true), ["vw+"], Web, Db);
        kernel.Forwards(Over("203.0.113.7", "eth0", "10.1.7.10", "vw1")).ShouldBeTrue();
        kernel.Forwards(Over("10.1.7.11", "eth0", "10.1.7.10", "vw1")).ShouldBeFalse("db is behind vw2");
    }

    [Fact]
    public void An_unknown_endpoint_on_a_port_is_not_reached_over_the_bridge()
    {
        var kernel = Kernel(Bridged(shows: true), ["vw+"], Web, Db);
        kernel.Forwards(Over("10.1.7.10", "vw1", "10.1.7.11", "vw2")).ShouldBeTrue();
        kernel.Forwards(Over("10.1.7.10", "vw1", "10.1.7.99", "vw3")).ShouldBeFalse();
    }

    [Fact]
    public void Where_the_kernel_does_not_show_bridged_packets_ports_are_not_asked_for()
    {
        var kernel = Kernel(Bridged(shows: false), ["br0"], Web, Db);
        kernel.Forwards(From("10.1.7.10", "br0")).ShouldBeTrue();
        kernel.Forwards(From("10.1.7.99", "br0")).ShouldBeFalse();
        kernel.Read().V4.Chains.Keys.ShouldNotContain(KernelNames.Ports);
    }

    [Fact]
    public void Many_ports_are_told_apart_at_the_cost_of_few()
    {
        var many = Enumerable.Range(1, 200).Select(n => Endpoint($"e{n}", $"10.1.7.{n}", $"tap{n}")).ToArray();
        var links = new Links(many.ToImmutableSortedDictionary(b => b.Interface!, _ => "br0", StringComparer.Ordinal), true, true);
        var kernel = Kernel(links, ["tap+"], many);
        kernel.Forwards(Over("10.1.7.200", "tap200")).ShouldBeTrue();
        kernel.Forwards(Over("10.1.7.200", "tap199")).ShouldBeFalse();
        kernel.Read().V4.Chains.Values.Max(c => c.Length).ShouldBeLessThan(40);
    }

    private static Binding Endpoint(string name, string address, string? link) => new($"t/{name}", [Address.Parse(address)], link, "open");

    private static Links Bridged(bool shows) => new(
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal).Add("vw1", "br0").Add("vw2", "br0"), shows, shows);

    private static Packet From(string source, string link) =>
        new(Address.Parse(source), Address.Parse("203.0.113.9"), IpProtocol.Tcp, 80, In: link);

    private static Packet To(string source, string link, string destination, string to) =>
        new(Address.Parse(source), Address.Parse(destination), IpProtocol.Tcp, 80, In: link, Out: to);

    /// <summary>Through a port of br0, and routed from there; or, with <paramref name="to"/>, out through another port.</summary>
    private static Packet Over(string source, string port, string destination = "203.0.113.9", string? to = null) =>
        new(Address.Parse(source), Address.Parse(destination), IpProtocol.Tcp, 80, In: "br0", Out: to is null ? "eth9" : "br0", PortIn: port, PortOut: to);

    private static FakeKernel Kernel(Links links, string[] patterns, params Binding[] bindings) =>
        Kernel(links, RenderOptions.Default with { WorkloadInterfaces = [.. patterns] }, bindings);

    private static FakeKernel Kernel(Links links, RenderOptions options, params Binding[] bindings) => Kernel(links, options, "open", bindings);

    /// <param name="profile">Of all: "open" is judged by nothing, "closed" by a policy that allows all of tcp.</param>
    private static FakeKernel Kernel(Links links, RenderOptions options, string profile, params Binding[] bindings)
    {
        var allow = new Rule("r", RuleAction.Allow, [new Match([], [Service.Of(IpProtocol.Tcp)])]);
        var state = NodeState.Empty with
        {
            NodeAddresses = [Address.Parse("10.0.0.1")],
            Bindings = [.. bindings.Select(b => b with { Profile = profile })],
            Profiles = ImmutableDictionary<string, Profile>.Empty.Add("open", Profile.Open).Add("closed", Profile.Open with
            {
                Policies = [.. new[] { Direction.Egress, Direction.Ingress }.Select(d => new PolicyInForce(d, Tier.Tenant, 0, "p", "r", false))],
            }),
            Rules = ImmutableDictionary<string, PolicyRules>.Empty.Add("r", new PolicyRules("p", [allow], [allow], false)),
            Links = links,
        };
        var kernel = new FakeKernel();
        kernel.Run(Planner.Between(KernelState.Empty, Renderer.Render(state, options).Kernel));
        return kernel;
    }
}
