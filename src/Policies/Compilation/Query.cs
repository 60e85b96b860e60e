using Vallum.Policies.Model;

namespace Vallum.Policies.Compilation;

/// <summary>One distinct endpoint query, shared by all who ask it: as the subject of policies, and for the members of groups.</summary>
internal sealed class Query(EndpointQuery value)
{
    public EndpointQuery Value { get; } = value;

    /// <summary>What it picks; kept true by the index.</summary>
    public IReadOnlySet<Traits> Picks { get; set; } = new HashSet<Traits>();

    /// <summary>The policies that have it in their subject.</summary>
    public HashSet<CompiledPolicy> Policies { get; } = [];

    public HashSet<GroupPart> Parts { get; } = [];

    public bool IsIdle => Policies.Count == 0 && Parts.Count == 0;
}
