using System.Globalization;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Workloads;

/// <summary>
/// A world of a shape, made from a seed: the same seed, the same objects, in any order and any number of times. Nothing is kept, so a world of 250,000
/// endpoints costs what its reader keeps of it.
/// </summary>
public sealed class World(Shape shape, ulong seed = 1)
{
    private const uint FirstAddress = 0x0A00_0001;
    private const uint FirstNodeAddress = 0xAC10_0001;

    public Shape Shape => shape;

    public ulong Seed => seed;

    public IEnumerable<TenantObjects> Tenants => Enumerable.Range(0, shape.Tenants).Select(number => new TenantObjects(this, number));

    public IEnumerable<Node> Nodes => Enumerable.Range(0, shape.Nodes).Select(number =>
        new Node(NodeAt(number), LabelSet.Of(("zone", $"z{number % 3}")), [Address.V4(FirstNodeAddress + (uint)number)]));

    /// <summary>What happens here, minute by minute. Each call begins anew.</summary>
    public Churn Churn() => new(this, ChurnRates.Default);

    public Churn Churn(ChurnRates rates) => new(this, rates);

    /// <param name="relabelled">How often it was given another team.</param>
    internal Tenant Tenant(int number, int relabelled = 0) => new(
        NameOf(number),
        LabelSet.Of(("team", $"t{(number + relabelled) % shape.Teams}"), ("stage", number % 2 == 0 ? "live" : "trial")));

    internal static Segment Segment(int tenant, int number) => new(NameOf(tenant), SegmentAt(number));

    /// <param name="slot">Of the tenant: 0 … <see cref="Shape.EndpointsPerTenant"/> - 1.</param>
    internal Endpoint Endpoint(int tenant, int slot) => Endpoint(tenant, slot, new Occupant(0, (uint)((tenant * shape.EndpointsPerTenant) + slot), 0));

    internal Endpoint Endpoint(int tenant, int slot, Occupant occupant)
    {
        var dice = Dice.For(seed, 1, occupant.Address);
        return new Endpoint(
            new EndpointId(NameOf(tenant), EndpointName(slot, occupant.Generation)),
            SegmentAt(slot % shape.Segments),
            NodeAt(dice.Next(shape.Nodes)),
            [Address.V4(FirstAddress + occupant.Address)],
            null,
            LabelsOf(slot, occupant.Flips),
            []);
    }

    /// <param name="edition">How often it was changed.</param>
    internal Policy Policy(int tenant, int number, int edition = 0) => PolicyText.Of(shape, new PolicyId(NameOf(tenant), $"p{number}"), tenant, number, edition);

    internal static TenantName NameOf(int tenant) => new($"tenant-{tenant}");

    internal static SegmentName SegmentAt(int number) => new($"s{number}");

    internal static string EndpointName(int slot, int generation) =>
        generation == 0 ? $"e{slot}" : string.Create(CultureInfo.InvariantCulture, $"e{slot}-{generation}");

    private LabelSet LabelsOf(int slot, int flips)
    {
        // Where all look alike, a flip is to the look of nobody, and back.
        var app = KeyValuePair.Create("app", $"a{((slot % shape.LabelSets) + flips) % Math.Max(shape.LabelSets, 2)}");
        return shape.Pattern switch
        {
            PolicyPattern.Overlapping => LabelSet.Of([app, KeyValuePair.Create("all", "yes")]),
            PolicyPattern.OwnEndpoint => LabelSet.Of([app, KeyValuePair.Create("id", $"i{slot}")]),
            _ => LabelSet.Of([app]),
        };
    }

    private static NodeName NodeAt(int number) => new($"node-{number}");
}

/// <summary>Who is in a slot of a tenant.</summary>
/// <param name="Generation">How many were there before.</param>
/// <param name="Address">Counted from the world's first one.</param>
/// <param name="Flips">How often its labels were changed.</param>
internal readonly record struct Occupant(int Generation, uint Address, int Flips);
