using CsCheck;
using Vallum.Dataplane.Judging;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Revocation;
using Vallum.Dataplane.Testing;

namespace Vallum.Dataplane.Tests.Judging;

/// <summary>What a change ends, and that it is looked for where it is.</summary>
public sealed class RevocationLaws
{
    // Two states that share most: the second has some parts of a third.
    private static readonly Gen<(NodeState Before, NodeState After)> Changes =
        Gen.Select(NodeStates.State, NodeStates.State, Gen.Bool.Array[8], Gen.Bool.Array[5]).Select((a, b, cuts, parts) =>
        {
            var before = a with { Rules = Cut(a.Rules, cuts) };
            return (before, before with
            {
                NodeAddresses = parts[0] && parts[1] ? b.NodeAddresses : before.NodeAddresses,
                Bindings = parts[1] ? b.Bindings : before.Bindings,
                Profiles = parts[2] ? Mixed(before.Profiles, b.Profiles) : before.Profiles,
                Rules = parts[3] ? Mixed(before.Rules, Cut(b.Rules, cuts)) : before.Rules,
                Groups = parts[4] ? Changed(before.Groups, b.Groups) : before.Groups,
            });
        });

    [Fact]
    public void Every_flow_that_a_change_ends_is_in_its_scope() => Gen.Select(Changes, Gen.Int[0, 1000]).Sample(
        (change, pick) =>
        {
            var (before, after) = change;
            var index = CuttingProfiles.Empty.Follow(before);
            var scope = RevocationScope.Between(index, index.Follow(after));
            var revoked = new RevokedFlows(new Judge(before), new Judge(after));
            foreach (var flow in Flows.At(before, pick).Concat(Flows.At(after, pick)).Select(JudgeLaws.FlowOf))
            {
                (revoked.Contains(flow) && !scope.IsToBeJudged(flow.Source, flow.Destination) && !scope.HasLeft(flow.Source, flow.Destination)).ShouldBeFalse(flow.ToString());
            }
        }, iter: 2000);

    [Fact]
    public void Only_flows_that_were_allowed_and_are_denied_end_and_none_without_a_policy_that_cuts() => Gen.Select(Changes, Gen.Int[0, 1000]).Sample(
        (change, pick) =>
        {
            var (before, after) = change;
            var (was, now) = (new Judge(before), new Judge(after));
            var revoked = new RevokedFlows(was, now);
            var kept = new RevokedFlows(new Judge(Keeping(before)), new Judge(Keeping(after)));
            foreach (var flow in Flows.At(before, pick).Concat(Flows.At(after, pick)).Select(JudgeLaws.FlowOf))
            {
                (revoked.Contains(flow) && !(was.Decide(flow).Allowed && !now.Decide(flow).Allowed)).ShouldBeFalse(flow.ToString());
                kept.Contains(flow).ShouldBeFalse(flow.ToString());
            }
        }, iter: 500);

    [Fact]
    public void A_change_to_the_same_ends_nothing_and_looks_nowhere() => NodeStates.State.Sample(
        drawn =>
        {
            var index = CuttingProfiles.Empty.Follow(drawn with { Rules = Cut(drawn.Rules, [true]) });
            RevocationScope.Between(index, index).IsEmpty.ShouldBeTrue();
        }, iter: 100);

    private static NodeState Keeping(NodeState state) => state with { Rules = Cut(state.Rules, [false]) };

    private static PersistentDictionary<string, PolicyRules> Cut(PersistentDictionary<string, PolicyRules> rules, bool[] cuts) =>
        PersistentDictionary.Of(rules.OrderBy(r => r.Key, StringComparer.Ordinal)
            .Select((r, i) => KeyValuePair.Create(r.Key, r.Value with { CutRevoked = cuts[i % cuts.Length] })));

    /// <summary>Every second entry is the other's.</summary>
    private static PersistentDictionary<string, T> Mixed<T>(PersistentDictionary<string, T> mine, PersistentDictionary<string, T> other) =>
        PersistentDictionary.Of(mine.Where(m => other.ContainsKey(m.Key)).Concat(other.Where((_, i) => i % 2 == 0)));

    private static PersistentDictionary<string, Group> Changed(PersistentDictionary<string, Group> mine, PersistentDictionary<string, Group> other) =>
        PersistentDictionary.Of(mine.Select(g => KeyValuePair.Create(g.Key, other.TryGetValue(g.Key, out var o)
            ? g.Value.With(o.V4.Concat(o.V4Ports).Take(2), g.Value.V4.Concat(g.Value.V6).Concat(g.Value.V4Ports).Take(3))
            : g.Value)));
}
