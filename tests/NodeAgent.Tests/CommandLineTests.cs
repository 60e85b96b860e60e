using Vallum.NodeAgent.Commands;

namespace Vallum.NodeAgent.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--server", "tcp://x")]
    [InlineData("--server", "")]
    [InlineData("--iptables", "pf")]
    [InlineData("--workload-interface", "vw+x")]
    [InlineData("--workload-interface", "eth0 -j ACCEPT")]
    [InlineData("--workload-cidr", "10.1.7.0")]
    [InlineData("--failsafe", "22")]
    [InlineData("--failsafe", "tcp/22,icmp/8")]
    [InlineData("--failsafe", "tcp/0")]
    [InlineData("--bridge-netfilter", "yes")]
    [InlineData("--log-group", "70000")]
    [InlineData("--check-interval", "-1")]
    [InlineData("--nonsense", "1")]
    public void A_bad_option_is_named(string option, string value) =>
        new AgentCommands().Build().Parse([option, value]).Errors.ShouldNotBeEmpty();

    [Theory]
    [InlineData("run", "--node", "n1", "--server", "a:7400,http://b:7400", "--workload-interface", "vw+", "--workload-interface", "tap+")]
    [InlineData("--node", "n1", "--workload-cidr", "10.1.7.0/24", "--iptables", "legacy", "--allowed-action", "return")]
    [InlineData("--failsafe", "none", "--bridge-netfilter", "enable")]
    [InlineData("--failsafe", "tcp/22,udp/161")]
    [InlineData("cleanup")]
    [InlineData("status", "--state-dir", "/tmp")]
    [InlineData("version")]
    public void A_good_line_is_taken(params string[] words) => new AgentCommands().Build().Parse(words).Errors.ShouldBeEmpty();
}
