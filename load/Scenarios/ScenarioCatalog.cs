using System.Collections.Immutable;
using Vallum.Scenarios.Days;
using Vallum.Scenarios.Spans;
using Vallum.Scenarios.Writes;

namespace Vallum.Scenarios;

/// <summary>The scenarios that drivers can run, by name.</summary>
public static class ScenarioCatalog
{
    private static readonly ImmutableArray<Func<Scenario>> Makers = [() => new ApiWrite(), () => new GrainWrite(), () => new EndpointChurn(), () => new MixedDay(), () => new FanOut()];

    /// <summary>One of each, not prepared: for lists.</summary>
    public static IReadOnlyList<Scenario> All => [.. Makers.Select(make => make())];

    public static IReadOnlyList<string> Names => [.. All.Select(scenario => scenario.Name)];

    /// <summary>Null: none is called so.</summary>
    public static Scenario? Create(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
