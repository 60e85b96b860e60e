using Vallum.Policies.Evaluation;
using Vallum.Primitives;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

public sealed class FlowTests
{
    private static readonly Address A = Address.Parse("10.0.0.1");
    private static readonly Address B = Address.Parse("10.0.0.2");

    [Fact]
    public void Source_and_destination_of_different_families_are_refused() =>
        Should.Throw<ArgumentException>(() => Flow.Tcp(A, Address.Parse("fd00::1"), 80)).Message.ShouldContain("different IP families");

    [Fact]
    public void A_protocol_with_ports_needs_one_and_another_has_none()
    {
        Should.Throw<ArgumentException>(() => new Flow(A, B, IpProtocol.Tcp)).Message.ShouldContain("needs a destination port");
        Should.Throw<ArgumentException>(() => new Flow(A, B, 47, destinationPort: 80)).Message.ShouldContain("has no ports");
    }

    [Fact]
    public void Icmp_needs_type_and_code_and_another_protocol_has_none()
    {
        Should.Throw<ArgumentException>(() => new Flow(A, B, IpProtocol.Icmp, icmpType: 8))
            .Message.ShouldContain("needs an ICMP type and code");
        Should.Throw<ArgumentException>(() => new Flow(A, B, IpProtocol.Tcp, 80, icmpType: 8)).Message.ShouldContain("has no ICMP type");
    }

    [Theory]
    [InlineData("10.0.0.1 → 10.0.0.2 tcp/80")]
    [InlineData("fd00::1 → fd00::2 udp/53")]
    [InlineData("10.0.0.1 → 10.0.0.2 sctp/0")]
    [InlineData("10.0.0.1 → 10.0.0.2 icmp/3.4")]
    [InlineData("fd00::1 → fd00::2 icmpv6/128.0")]
    [InlineData("10.0.0.1 → 10.0.0.2 47")]
    public void A_flow_reads_as_it_is_written(string text) => Given.Flow(text).ToString().ShouldBe(text);

    [Fact]
    public void Flows_are_compared_by_content() => Flow.Tcp(A, B, 80).ShouldBe(new Flow(A, B, 6, 80));
}
