using Shouldly;
using Vallum.Cluster.Compiled;
using Vallum.Silo.Grains.Tenants;
using Xunit;

namespace Vallum.Distribution.Tests.Reports;

public sealed class NodeReportsTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly NodeReports _reports = new();

    [Fact]
    public void Of_two_silos_that_report_a_node_the_one_with_the_younger_session_is_believed_whoever_speaks_last()
    {
        Take("new", 1, new NodeProgressReport("n", 4, 0, "") { Since = Start.AddSeconds(5) }, at: 6);
        Take("old", 9, new NodeProgressReport("n", 7, 0, "") { Since = Start }, at: 7);

        _reports.ProgressOf("n").Applied.ShouldBe(4);
    }

    [Fact]
    public void When_the_younger_session_ends_the_other_one_speaks_again()
    {
        Take("old", 9, new NodeProgressReport("n", 7, 0, "") { Since = Start }, at: 1);
        Take("new", 1, new NodeProgressReport("n", 4, 0, "") { Since = Start.AddSeconds(5) }, at: 6);
        _reports.Take(new ProgressReport("new", 2, []), Start.AddSeconds(7));

        _reports.ProgressOf("n").Applied.ShouldBe(7);
    }

    [Fact]
    public void A_silo_that_knows_only_of_members_on_the_node_says_nothing_of_its_endpoints()
    {
        Take("silo", 1, new NodeProgressReport("n", 7, 3, "") { MembersOnly = true }, at: 1);

        _reports.ProgressOf("n").ShouldBe(new("n", true, 0, "", 0));
        _reports.All(["n"]).ShouldHaveSingleItem().Applied.ShouldBe(0);
        _reports.All([]).ShouldHaveSingleItem().Applied.ShouldBe(7);
    }

    [Fact]
    public void A_silo_that_is_silent_for_too_long_has_said_nothing()
    {
        Take("silo", 1, new NodeProgressReport("n", 7, 3, ""), at: 0);

        _reports.Forget(Start + NodeReports.Lease + TimeSpan.FromSeconds(1));

        _reports.ProgressOf("n").Connected.ShouldBeFalse();
    }

    private void Take(string hub, long number, NodeProgressReport node, int at) => _reports.Take(new ProgressReport(hub, number, [node]), Start.AddSeconds(at));
}
