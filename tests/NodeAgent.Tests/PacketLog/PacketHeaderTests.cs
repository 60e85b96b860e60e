using Vallum.NodeAgent.PacketLog;

namespace Vallum.NodeAgent.Tests.PacketLog;

/// <summary>The first bytes of packets, in hexadecimal, by RFC 791 and RFC 8200.</summary>
public sealed class PacketHeaderTests
{
    private const string V4 = "0A010001" + "0A020002";
    private const string V6 = "FD000000000000000000000000000001" + "FD000000000000000000000000000002";

    [Theory]
    [InlineData("450000280000400040060000" + V4 + "03E80050" + "0000000000000000", "10.1.0.1 → 10.2.0.2 tcp/80", 1000)]
    [InlineData("460000280000400040110000" + V4 + "01010101" + "03E80035" + "0000", "10.1.0.1 → 10.2.0.2 udp/53", 1000)]
    [InlineData("450000280000001040110000" + V4 + "03E80035" + "0000", "10.1.0.1 → 10.2.0.2 udp/0", 0)]
    [InlineData("450000280000400040010000" + V4 + "0800ABCD", "10.1.0.1 → 10.2.0.2 icmp/8.0", 0)]
    [InlineData("4500002800004000402F0000" + V4 + "0800ABCD", "10.1.0.1 → 10.2.0.2 47", 0)]
    [InlineData("450000280000400040060000" + V4, "10.1.0.1 → 10.2.0.2 tcp/0", 0)]
    [InlineData("6000000000000640" + V6 + "03E80050" + "00000000", "fd00::1 → fd00::2 tcp/80", 1000)]
    [InlineData("6000000000003A40" + V6 + "8000ABCD", "fd00::1 → fd00::2 icmpv6/128.0", 0)]
    [InlineData("6000000000000040" + V6 + "3C00010400000000" + "8400010400000000" + "03E88DDC" + "00000000", "fd00::1 → fd00::2 sctp/36316", 1000)]
    [InlineData("6000000000002C40" + V6 + "1100000100000000" + "03E80035" + "00000000", "fd00::1 → fd00::2 udp/53", 1000)]
    [InlineData("6000000000002C40" + V6 + "1100001100000000" + "03E80035" + "00000000", "fd00::1 → fd00::2 udp/0", 0)]
    public void A_header_tells_its_flow(string packet, string flow, int sourcePort)
    {
        var header = PacketHeader.Read(Convert.FromHexString(packet)).ShouldNotBeNull();
        header.Flow.ToString().ShouldBe(flow);
        header.SourcePort.ShouldBe((ushort)sourcePort);
    }

    [Theory]
    [InlineData("")]
    [InlineData("45000028")]
    [InlineData("60000000000006")]
    [InlineData("150000280000400040060000" + V4)]
    public void What_is_no_packet_has_none(string packet) => PacketHeader.Read(Convert.FromHexString(packet)).ShouldBeNull();
}
