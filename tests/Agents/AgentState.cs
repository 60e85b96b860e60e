using System.Collections.Immutable;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.Agents;

/// <summary>Everything that an agent holds; each update makes the next state or is refused.</summary>
public sealed record AgentState(ImmutableDictionary<(ResourceKind Kind, string Name), HeldResource> Resources)
{
    public static readonly AgentState Empty = new(ImmutableDictionary<(ResourceKind Kind, string Name), HeldResource>.Empty);

    public Digest Digest => Resources.Values.Aggregate(default(Digest), (sum, r) => sum + r.InAll);

    /// <summary>References to what is not held: there must be none after an update.</summary>
    public IEnumerable<string> Dangling =>
        Resources.Values.SelectMany(r => r.References.Where(to => !Resources.ContainsKey(to)).Select(to => $"{r.Kind} {r.Name} names {to.Kind} {to.Name}"));

    /// <summary>The state after all parts of one update.</summary>
    /// <param name="mismatched">Resources whose delta does not fit, or whose digest is another than promised; the state is then meaningless.</param>
    public AgentState Apply(IEnumerable<Update> parts, out ImmutableArray<ResourceRef> mismatched)
    {
        var next = Resources.ToBuilder();
        var wrong = ImmutableArray.CreateBuilder<ResourceRef>();
        foreach (var part in parts)
        {
            foreach (var resource in part.Resources)
            {
                if (Next(next.GetValueOrDefault((resource.Kind, resource.Name)), resource) is { } held &&
                    held.Digest.ToBytes().AsSpan().SequenceEqual(resource.Digest.Span))
                {
                    next[(resource.Kind, resource.Name)] = held;
                }
                else
                {
                    wrong.Add(new ResourceRef { Kind = resource.Kind, Name = resource.Name });
                }
            }

            foreach (var removed in part.Removed)
            {
                if (!next.Remove((removed.Kind, removed.Name)))
                {
                    wrong.Add(removed);
                }
            }
        }

        mismatched = wrong.ToImmutable();
        return new AgentState(next.ToImmutable());
    }

    private static HeldResource? Next(HeldResource? before, Resource resource)
    {
        if (resource.Whole is { } whole)
        {
            return new HeldResource(resource.Kind, resource.Name, whole.Head, [.. whole.Entries]);
        }

        if (before is null || !before.Digest.ToBytes().AsSpan().SequenceEqual(resource.Delta.BaseDigest.Span))
        {
            return null;
        }

        var delta = resource.Delta;
        if (!delta.Removed.All(before.Entries.Contains) || delta.Added.Any(before.Entries.Contains))
        {
            return null;
        }

        return before with { Head = delta.HasHead ? delta.Head : before.Head, Entries = before.Entries.Except(delta.Removed).Union(delta.Added) };
    }
}
