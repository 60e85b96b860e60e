using Vallum.Dataplane.Judging;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Revocation;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Judging;

/// <summary>What "no longer allowed" means, case by case: the flow is that of 10.1.7.9 to web on tcp 80.</summary>
public sealed class RevocationRows
{
    private static readonly Flow Client = World.Tcp("10.1.7.9", "10.1.7.10", 80);

    [Theory]
    [InlineData("web", true)]
    [InlineData("ops", true)]
    [InlineData("never", false)]
    [InlineData("tried", false)]
    [InlineData("", false)]
    public void A_member_goes_and_the_flow_ends_where_the_policy_that_allowed_or_one_that_isolates_cuts(string cutting, bool ends)
    {
        var before = Cutting(World.State, cutting);
        Ends(before, Without(before, "10.1.7.9/32")).ShouldBe(ends);
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("ops", false)]
    [InlineData("never", true)]
    public void A_deny_comes_and_the_flow_ends_where_it_cuts_or_what_allowed_did(string cutting, bool ends)
    {
        var before = Cutting(World.State, cutting);
        Ends(before, With(before, "bad", "10.1.7.9/32")).ShouldBe(ends);
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("", false)]
    public void A_policy_goes_and_the_flow_ends_where_it_cut_and_another_isolates(string cutting, bool ends)
    {
        var before = Cutting(World.State, cutting);
        var after = before with
        {
            Rules = before.Rules.Remove("web"),
            Profiles = before.Profiles.SetItem("web", before.Profiles["web"] with
            {
                Policies = [.. before.Profiles["web"].Policies.Where(p => p.Rules != "web")],
            }),
        };
        Ends(before, after).ShouldBe(ends);
        Scope(before, after).Destinations.Contains(Client.Destination).ShouldBe(ends);
    }

    [Fact]
    public void What_another_policy_still_allows_goes_on()
    {
        var before = Cutting(World.State, "web");
        before = before with { Rules = before.Rules.SetItem("ops", before.Rules["ops"] with { Ingress = [World.Allow("ops", "clients2", 80)] }) };
        before = before with { Groups = before.Groups.SetItem("clients2", World.Members("10.1.7.9/32")) };
        Ends(before, Without(before, "10.1.7.9/32")).ShouldBeFalse();
    }

    [Fact]
    public void One_member_that_goes_is_the_whole_scope()
    {
        var before = Cutting(World.State, "web");
        var scope = Scope(before, Without(before, "10.1.7.9/32"));
        scope.Sources.ShouldBe([Address.Parse("10.1.7.9")]);
        scope.Destinations.ShouldBeEmpty();
        scope.Left.ShouldBeEmpty();
        scope.Everything.ShouldBeFalse();
    }

    [Fact]
    public void A_member_that_comes_to_an_allow_or_a_policy_that_keeps_has_no_scope()
    {
        var cutting = Cutting(World.State, "web");
        Scope(cutting, With(cutting, "clients", "10.1.9.1/32")).IsEmpty.ShouldBeTrue();
        Scope(World.State, Without(World.State, "10.1.7.9/32")).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void A_block_that_goes_has_the_endpoints_whose_rules_name_it_as_its_scope()
    {
        var before = With(Cutting(World.State, "web"), "clients", "10.2.0.0/16");
        var scope = Scope(before, Without(before, "10.2.0.0/16"));
        scope.Destinations.ShouldBe([.. "10.1.7.10 10.1.7.110 10.1.7.12".Split(' ').Select(Address.Parse)], ignoreOrder: true);
    }

    [Fact]
    public void The_flows_of_an_endpoint_that_leaves_end_and_those_of_one_that_changes_its_profile_do_not()
    {
        var before = World.State;
        var gone = before with { Bindings = [.. before.Bindings.Where(b => b.Endpoint != "t/free")] };
        Scope(before, gone).Left.ShouldBe([Address.Parse("10.1.7.13")]);
        Scope(before, gone).NeedsVerdicts.ShouldBeFalse();
        var changed = before with { Bindings = [.. before.Bindings.Select(b => b.Endpoint == "t/free" ? b with { Profile = "web", Interface = "vw9" } : b)] };
        Scope(before, changed).IsEmpty.ShouldBeTrue();
        var inherited = before with { Bindings = [.. before.Bindings.Select(b => b.Endpoint == "t/free" ? b with { Endpoint = "t/heir" } : b)] };
        Scope(before, inherited).Left.ShouldBe([Address.Parse("10.1.7.13")]);
    }

    private static bool Ends(NodeState before, NodeState after)
    {
        var judge = new Judge(before);
        judge.Decide(Client).Allowed.ShouldBeTrue();
        var ends = new RevokedFlows(judge, new Judge(after)).Contains(Client);
        (ends && !Scope(before, after).IsToBeJudged(Client.Source, Client.Destination)).ShouldBeFalse("the scope holds what ends");
        return ends;
    }

    private static RevocationScope Scope(NodeState before, NodeState after)
    {
        var index = CuttingProfiles.Empty.Follow(before);
        return RevocationScope.Between(index, index.Follow(after));
    }

    private static NodeState Cutting(NodeState state, string rules) =>
        rules.Length == 0 ? state : state with { Rules = state.Rules.SetItem(rules, state.Rules[rules] with { CutRevoked = true }) };

    private static NodeState Without(NodeState state, string client) => state with
    {
        Groups = state.Groups.SetItem("clients", state.Groups["clients"].With([], [new SetMember(Cidr.Parse(client))])),
    };

    private static NodeState With(NodeState state, string group, string member) => state with
    {
        Groups = state.Groups.SetItem(group, state.Groups[group].With([new SetMember(Cidr.Parse(member))], [])),
    };
}
