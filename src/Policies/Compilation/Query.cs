using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>One distinct endpoint query, shared by all who ask it: as the subject of policies, and for the members of groups.</summary>
internal sealed class Query(EndpointQuery value)
{
    private const int LeastKept = 8;

    private readonly FewSet<CompiledPolicy> _policies = new();
    private ImmutableArray<ResourceEntry>? _inForce;

    public EndpointQuery Value { get; } = value;

    /// <summary>What it picks; kept true by the index.</summary>
    public IReadOnlyCollection<Traits> Picks { get; set; } = [];

    /// <summary>The policies that have it in their subject.</summary>
    public IReadOnlyCollection<CompiledPolicy> Policies => _policies;

    /// <summary>Their entries in profiles. Made once for all traits that it picks; few are not worth keeping.</summary>
    public ImmutableArray<ResourceEntry> InForce
    {
        get
        {
            if (_inForce is { } known)
            {
                return known;
            }

            ImmutableArray<ResourceEntry> entries = [.. _policies.SelectMany(policy => policy.InForce)];
            _inForce = entries.Length > LeastKept ? entries : null;
            return entries;
        }
    }

    public FewSet<GroupPart> Parts { get; } = new();

    public void Add(CompiledPolicy policy)
    {
        _policies.Add(policy);
        _inForce = null;
    }

    public void Remove(CompiledPolicy policy)
    {
        _policies.Remove(policy);
        _inForce = null;
    }

    public bool IsIdle => Policies.Count == 0 && Parts.Count == 0;
}
