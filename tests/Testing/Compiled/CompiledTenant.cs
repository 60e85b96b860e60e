using System.Collections.Immutable;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Testing.Compiled;

/// <summary>A tenant's compiler, and the resources as one has them who only ever heard of its deltas.</summary>
public sealed class CompiledTenant(TenantName name)
{
    private readonly Dictionary<ResourceKey, Resource> _held = [];
    private ImmutableDictionary<GroupPartId, EndpointPart> _wanted = ImmutableDictionary<GroupPartId, EndpointPart>.Empty;

    public TenantName Name => name;

    public TenantCompiler Compiler { get; } = new(name);

    public IReadOnlyDictionary<ResourceKey, Resource> Held => _held;

    /// <exception cref="InvalidOperationException">A delta does not fit what is held, or says nothing.</exception>
    public ImmutableArray<ResourceDelta> Apply(params IEnumerable<TenantInput> inputs)
    {
        var deltas = Compiler.Apply(inputs);
        if (deltas.DistinctBy(d => d.Key).Count() != deltas.Length)
        {
            throw new InvalidOperationException($"one resource twice in a batch: {string.Join(", ", deltas.Select(d => d.Key))}");
        }

        foreach (var delta in deltas)
        {
            Apply(delta);
        }

        return deltas;
    }

    /// <summary>From now on these parts are wanted from outside, and no others.</summary>
    public void Want(ImmutableArray<EndpointPart> parts)
    {
        var next = parts.ToImmutableDictionary(p => p.Id);
        var inputs = next.Where(p => !_wanted.ContainsKey(p.Key)).Select(p => (TenantInput)new TenantInput.WantPart(p.Value))
            .Concat(_wanted.Keys.Where(id => !next.ContainsKey(id)).Select(id => new TenantInput.UnwantPart(id)));
        Apply([.. inputs]);
        _wanted = next;
    }

    private void Apply(ResourceDelta delta)
    {
        var before = _held.GetValueOrDefault(delta.Key);
        if (!delta.Gone && delta.Added.IsEmpty && delta.Removed.IsEmpty && (delta.Head is null || delta.Head.Equals(before?.Head)))
        {
            throw new InvalidOperationException($"the delta of {delta.Key} says nothing");
        }

        if (Resource.Apply(before, delta) is { } after)
        {
            _held[delta.Key] = after;
        }
        else
        {
            _held.Remove(delta.Key);
        }
    }
}
