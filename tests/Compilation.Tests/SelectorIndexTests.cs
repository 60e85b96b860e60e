using System.Collections.Immutable;
using CsCheck;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Compilation.Tests;

public sealed class SelectorIndexTests
{
    private static readonly Gen<(LabelSet Labels, ImmutableArray<SegmentName> Segments)> Traits = Gen.Select(
        SelectorGens.Labels,
        SelectorGens.Segments.Array[0, 2],
        (labels, segments) => (labels, segments.Distinct().Order().ToImmutableArray()));

    /// <summary>The number tells what happens: odd adds, even removes, a selector or a label set, under one of five keys.</summary>
    private static readonly Gen<(int Die, EndpointQuery Query, (LabelSet Labels, ImmutableArray<SegmentName> Segments) Traits)[]> Steps =
        Gen.Select(Gen.Int[0, 19], SelectorGens.Queries, Traits).Array[1, 60];

    [Fact]
    public void What_a_selector_picks_and_what_picks_a_label_set_is_what_evaluating_all_pairs_would_say() =>
        Steps.Sample(
            steps =>
            {
                var index = new SelectorIndex<int, int>();
                var queries = new Dictionary<int, (EndpointQuery Query, IReadOnlyCollection<int> Picks)>();
                var traits =
                    new Dictionary<int, ((LabelSet Labels, ImmutableArray<SegmentName> Segments) Value, IReadOnlyCollection<int> Pickers)>();
                foreach (var (die, query, value) in steps)
                {
                    var key = die / 4;
                    switch (die % 4)
                    {
                        case 0 when queries.Remove(key):
                            index.RemovePicker(key);
                            break;
                        case 1 when !queries.ContainsKey(key):
                            queries.Add(key, (query, index.AddPicker(key, query)));
                            break;
                        case 2 when traits.Remove(key):
                            index.RemovePicked(key);
                            break;
                        case 3 when !traits.ContainsKey(key):
                            traits.Add(key, (value, index.AddPicked(key, value.Labels, value.Segments)));
                            break;
                    }
                }

                foreach (var (key, (query, picks)) in queries)
                {
                    picks.Order().ShouldBe(traits.Where(t => IsPicked(query, t.Value.Value)).Select(t => t.Key).Order());
                }

                foreach (var (key, (value, pickers)) in traits)
                {
                    pickers.Order().ShouldBe(queries.Where(q => IsPicked(q.Value.Query, value)).Select(q => q.Key).Order());
                }
            },
            iter: 2_000);

    private static bool IsPicked(EndpointQuery query, (LabelSet Labels, ImmutableArray<SegmentName> Segments) traits) =>
        query.Selector.Matches(traits.Labels) && (query.Segments.IsEmpty || query.Segments.Intersect(traits.Segments).Any());
}
