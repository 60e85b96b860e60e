using Wire = Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution;

/// <summary>A resource by kind and name as agents know it. <see cref="Node"/> tells the bindings of one tenant apart; empty for all other kinds.</summary>
internal readonly record struct ResourceId(Wire.ResourceKind Kind, string Name, string Node = "")
{
    public static ResourceId OfNode(string node) => new(Wire.ResourceKind.Node, node);

    public static ResourceId Binding(string tenant, string node) => new(Wire.ResourceKind.Binding, tenant, node);

    public static ResourceId Profile(string name) => new(Wire.ResourceKind.Profile, name);

    public static ResourceId PolicyRules(string name) => new(Wire.ResourceKind.PolicyRules, name);

    public static ResourceId Group(string name) => new(Wire.ResourceKind.Group, name);

    /// <summary>The resource that an agent on <paramref name="node"/> means.</summary>
    public static ResourceId FromWire(Wire.ResourceKind kind, string name, string node) =>
        new(kind, name, kind == Wire.ResourceKind.Binding ? node : "");

    public Wire.ResourceRef ToWire() => new() { Kind = Kind, Name = Name };

    public override string ToString() => Node.Length == 0 ? $"{Kind}/{Name}" : $"{Kind}/{Name}@{Node}";
}
