using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>One distinct endpoint query, shared by all who ask it: as the subject of policies, and for the members of groups.</summary>
internal sealed class Query(EndpointQuery value)
{
    public EndpointQuery Value { get; } = value;

    /// <summary>What it picks; kept true by the index.</summary>
    public IReadOnlyCollection<Traits> Picks { get; set; } = [];

    /// <summary>The policies that have it in their subject.</summary>
    public FewSet<CompiledPolicy> Policies { get; } = new();

    public FewSet<GroupPart> Parts { get; } = new();

    public bool IsIdle => Policies.Count == 0 && Parts.Count == 0;
}
