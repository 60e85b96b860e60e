using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>The bound endpoints of the tenant on one node.</summary>
internal sealed class NodeBinding(NodeName node) : CompiledResource(KeyOf(node))
{
    public NodeName Node { get; } = node;

    public FewSet<ResourceEntry> Endpoints { get; } = new();

    public override ResourceHead Head => ResourceHead.None.Instance;

    public override ImmutableArray<ResourceEntry> Entries => [.. Endpoints];

    public static ResourceKey KeyOf(NodeName node) => new(ResourceKind.Binding, node.Value);
}
