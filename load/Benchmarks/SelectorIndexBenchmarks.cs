using BenchmarkDotNet.Attributes;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;

namespace Vallum.Benchmarks;

/// <summary>Which of many selectors pick a new label set, and which label sets a new selector picks.</summary>
public class SelectorIndexBenchmarks
{
    private readonly SelectorIndex<int, int> _index = new();
    private readonly LabelSet _labels = LabelSet.Of(("app", "a7"), ("env", "prod"));
    private readonly EndpointQuery _query = new(Selector.Of(Requirement.In("app", "a7"), Requirement.In("env", "prod")));

    [Params(1_000, 100_000)]
    public int Known { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        for (var number = 0; number < Known; number++)
        {
            _index.AddPicker(number, new EndpointQuery(Selector.Of(Requirement.In("app", $"a{number}"), Requirement.In("env", "prod"))));
            _index.AddPicked(number, LabelSet.Of(("app", $"a{number}"), ("env", "prod")), []);
        }
    }

    [Benchmark(Description = "selector index: a label set comes and goes")]
    public int LabelSetComes()
    {
        var found = _index.AddPicked(-1, _labels, []).Count;
        _index.RemovePicked(-1);
        return found;
    }

    [Benchmark(Description = "selector index: a selector comes and goes")]
    public int SelectorComes()
    {
        var found = _index.AddPicker(-1, _query).Count;
        _index.RemovePicker(-1);
        return found;
    }
}
