using System.Collections.Immutable;
using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests;

/// <summary>Sets that cannot stay what they are: too small, too large, or somebody else's under a name of ours.</summary>
public sealed class SetExchanges
{
    [Fact]
    public void A_set_that_is_outgrown_is_made_anew_and_swapped_in_under_the_rules() =>
        Gen.Select(Neighbours.Pair, Gen.Int[12, 40], Gen.Int[12, 40]).Sample((pair, first, second) =>
        {
            var before = Sized(Renderer.Render(pair.From, StepLaws.Unmerged).Kernel, first);
            var after = Sized(Renderer.Render(pair.To, StepLaws.Unmerged).Kernel, second);
            var (kernel, end) = (At(before), At(after));
            var steps = Instants.Of(Planner.Between(before, after)).ToImmutableArray();
            Instants.Violations(
                kernel, steps, Instants.Packets(pair.From, pair.To), Instants.Strangers(pair.From, pair.To), end.Forwards).ShouldBeEmpty();
            kernel.Read().ToString().ShouldBe(after.ToString());
        }, iter: 150);

    [Fact]
    public void More_members_than_a_set_takes_need_a_wider_one_first()
    {
        var small = One(8, 8);
        var large = One(100, 90);
        var kernel = At(small);
        Should.Throw<InvalidOperationException>(() => At(One(8, 90)));
        var plan = Planner.Between(small, large);
        plan.Steps.OfType<PlanStep.ChangeSets>().Single().Operations.OfType<SetOperation.Swap>().Count().ShouldBe(1);
        kernel.Run(plan);
        kernel.Read().ToString().ShouldBe(large.ToString());

        // And back: what goes has to go first.
        kernel.Run(Planner.Between(kernel.Read(), small));
        kernel.Read().ToString().ShouldBe(small.ToString());
    }

    [Theory]
    [InlineData(10, 2_010, 1)]
    [InlineData(1_500, 2_900, 0)]
    [InlineData(10, 900, 0)]
    public void A_set_that_at_least_doubles_gets_the_room_for_it_before_the_members_come(int first, int second, int exchanges)
    {
        var (before, after) = (One(KernelSet.UsualMaxMembers, first), One(KernelSet.UsualMaxMembers, second));
        var kernel = At(before);
        var operations = Planner.Between(before, after).Steps.ShouldHaveSingleItem().ShouldBeOfType<PlanStep.ChangeSets>().Operations;
        operations.OfType<SetOperation.Swap>().Count().ShouldBe(exchanges);
        operations.OfType<SetOperation.Create>().ShouldAllBe(c => c.Set.Buckets == 1_024);
        foreach (var operation in operations)
        {
            kernel.Run(new PlanStep.ChangeSets([operation]));
            kernel.Read().Sets["vallum4-g-x"].Members.Count.ShouldBeGreaterThanOrEqualTo(first);
        }

        kernel.Read().ToString().ShouldBe(after.ToString());
    }

    [Fact]
    public void A_set_of_another_type_under_our_name_is_replaced_though_rules_name_it() => Neighbours.Pair.Sample(pair =>
    {
        var wanted = Renderer.Render(pair.From, StepLaws.Unmerged).Kernel;
        var kernel = new FakeKernel();
        foreach (var set in wanted.Sets.Values)
        {
            kernel.RestoreSets((set.Type == SetType.Net ? set with { Type = SetType.NetPort } : set).CreateLine + "\n");
        }

        foreach (var step in Planner.Between(KernelState.Empty, wanted).Steps.OfType<PlanStep.ChangeRules>())
        {
            kernel.Run(step);
        }

        kernel.Run(Planner.Between(kernel.Read(), wanted));
        kernel.Read().ToString().ShouldBe(wanted.ToString());
    }, iter: 100);

    private static KernelState Sized(KernelState state, int members) => state with
    {
        Sets = state.Sets.ToImmutableSortedDictionary(s => s.Key, s => s.Value with { MaxMembers = members }, StringComparer.Ordinal),
    };

    private static KernelState One(int max, int members)
    {
        var set = new KernelSet(
            "vallum4-g-x",
            SetType.Net,
            IpFamily.V4,
            MemberSet.Of(Enumerable.Range(0, members).Select(n => new SetMember(Cidr.Host(Address.V4((uint)n))))))
        {
            MaxMembers = max,
        };
        var chains = RuleTable.Empty.Chains.Add("VALLUM-X", ["-m set --match-set vallum4-g-x src -j RETURN"]);
        return new KernelState(KernelState.Empty.Sets.Add(set.Name, set), new RuleTable(chains, []), RuleTable.Empty);
    }

    private static FakeKernel At(KernelState state)
    {
        var kernel = new FakeKernel();
        kernel.Run(Planner.Between(KernelState.Empty, state));
        return kernel;
    }
}
