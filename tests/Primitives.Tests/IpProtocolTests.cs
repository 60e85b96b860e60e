namespace Vallum.Primitives.Tests;

public sealed class IpProtocolTests
{
    [Theory]
    [InlineData(1, "icmp", false)]
    [InlineData(6, "tcp", true)]
    [InlineData(17, "udp", true)]
    [InlineData(58, "icmpv6", false)]
    [InlineData(132, "sctp", true)]
    [InlineData(47, "47", false)]
    public void A_protocol_has_a_name_or_its_number_and_some_have_ports(byte protocol, string name, bool ports)
    {
        IpProtocol.Name(protocol).ShouldBe(name);
        IpProtocol.HasPorts(protocol).ShouldBe(ports);
    }
}
