using Vallum.Contracts.Agent.V1;

namespace Vallum.Swarm.Held;

/// <summary>Kind and name: what one resource is among all that an agent holds. Ordered by both.</summary>
public readonly record struct ResourceKey(ResourceKind Kind, string Name) : IComparable<ResourceKey>
{
    public int CompareTo(ResourceKey other) => Kind != other.Kind ? Kind.CompareTo(other.Kind) : string.CompareOrdinal(Name, other.Name);
}
