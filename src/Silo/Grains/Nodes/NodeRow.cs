namespace Vallum.Silo.Grains.Nodes;

/// <summary>What is durable of a node: the tenants that may have endpoints on it. A superset, which only grows: a tenant that has none there costs a look.</summary>
[GenerateSerializer, Alias("vallum.NodeRow")]
internal sealed class NodeRow
{
    [Id(0)]
    public List<string> Tenants { get; set; } = [];
}
