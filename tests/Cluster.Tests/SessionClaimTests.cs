using Vallum.Cluster.Status;
using Vallum.Silo.Grains.Nodes;

namespace Vallum.Cluster.Tests;

public sealed class SessionClaimTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_owner_that_has_forgotten_who_is_connected_lets_the_same_agent_come_back_at_once()
    {
        var claim = new SessionClaim();
        claim.Report("s1", StatusOf("agent-a"), Now).ShouldBeTrue();

        claim.Attach("s2", "agent-b", StatusOf("agent-b"), Now).ShouldBeFalse();
        claim.Attach("s3", "agent-a", StatusOf("agent-a"), Now).ShouldBeTrue();
        claim.Report("s1", StatusOf("agent-a"), Now).ShouldBeFalse();
    }

    private static AgentStatus StatusOf(string instance) =>
        new(true, "1", "memory", "silo", Now, true, "", null, null, 0, 0, 0, 0, 0) { Instance = instance };
}
