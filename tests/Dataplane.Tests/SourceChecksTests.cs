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
    public void The_way_of_a_flow_has_one_lookup_for_either_end_that_is_behind_a_workload_interface()
    {
        var table = Kernel(Links.None, ["vw+"], Web, Db).Read().V4;
        table.Hooks.Select(h => h.Rule).ShouldBe(["-j VALLUM-FORWARD", "-j VALLUM-INPUT"]);
        table.Chains[KernelNames.Forward].Skip(2).ShouldBe(
        [
            "-i vw+ -m set ! --match-set vallum4-gate src,src -j VALLUM-DENY",
            "-j VALLUM-EGRESS",
            "-j VALLUM-INGRESS",
            "-o vw+ -m set --match-set vallum4-gate dst,dst -j ACCEPT",
            "-o vw+ -j VALLUM-DENY",
            "-i vw+ -j ACCEPT",
            "-m set --match-set vallum4-local src -j ACCEPT",
            "-m set --match-set vallum4-local dst -j ACCEPT",
        ]);
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

    private static FakeKernel Kernel(Links links, RenderOptions options, params Binding[] bindings)
    {
        var state = NodeState.Empty with
        {
            Bindings = [.. bindings],
            Profiles = ImmutableDictionary<string, Profile>.Empty.Add("open", Profile.Open),
            Links = links,
        };
        var kernel = new FakeKernel();
        kernel.Run(Planner.Between(KernelState.Empty, Renderer.Render(state, options).Kernel));
        return kernel;
    }
}
