namespace Vallum.Cluster.Traffic;

/// <summary>One stream of a node's agent. Of two, the later has the higher run, or in the same run the higher number.</summary>
[GenerateSerializer, Immutable, Alias("vallum.NodeStream")]
public readonly record struct NodeStream([property: Id(0)] string Node, [property: Id(1)] ulong Run, [property: Id(2)] ulong Number)
{
    public bool IsBefore(NodeStream other) => (Run, Number).CompareTo((other.Run, other.Number)) < 0;
}
