using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Held;

/// <summary>
/// Everything that the control plane has told this node. An update is first checked as a whole and then committed as a whole; neither costs more than
/// what the update says. One caller at a time.
/// </summary>
internal sealed class HeldResources
{
    private readonly Dictionary<ResourceName, HeldResource> _resources = [];

    /// <summary>Over everything held; both ends compute it, and when it is equal nothing needs to be sent.</summary>
    public Digest Total { get; private set; } = Digest.Empty;

    public int Count => _resources.Count;

    public IEnumerable<KeyValuePair<ResourceName, HeldResource>> All =>
        _resources.OrderBy(r => r.Key.Kind).ThenBy(r => r.Key.Name, StringComparer.Ordinal);

    public HeldResource? Find(ResourceName name) => _resources.GetValueOrDefault(name);

    /// <param name="parts">The parts of one update, in order.</param>
    /// <exception cref="BaseMismatchException">It builds on something else than what is held, or leads to something else than it says.</exception>
    public HeldChange Check(IReadOnlyCollection<Update> parts)
    {
        var changes = WholeMessages.Of(parts).Select(Check).Concat(parts.SelectMany(p => p.Removed).Select(Removal).OfType<ResourceChange>())
            .ToImmutableArray();
        if (changes.GroupBy(c => c.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new BaseMismatchException($"{twice.Key} is changed and removed in one update", twice.Key);
        }

        var total = changes.Aggregate(Total, (sum, change) => sum - InTotal(change.Name, Find(change.Name)?.Digest) + InTotal(change.Name, change.Digest));
        var promised = parts.Last().HeldDigest;
        if (promised.Length == Digest.Length && Digest.FromBytes(promised.Span) != total)
        {
            throw new BaseMismatchException(
                $"after the update the digest over everything held is {total}, not {Digest.FromBytes(promised.Span)}", changes.Select(c => c.Name));
        }

        return new HeldChange(changes, total);
    }

    public void Commit(HeldChange change)
    {
        foreach (var resource in change.Resources)
        {
            if (resource.Digest is not { } digest)
            {
                _resources.Remove(resource.Name);
                continue;
            }

            if (!_resources.TryGetValue(resource.Name, out var held))
            {
                _resources[resource.Name] = held = new HeldResource(ByteString.Empty, [], Digest.Empty);
            }

            held.Head = resource.Head ?? held.Head;
            held.Entries.ExceptWith(resource.Removed);
            held.Entries.UnionWith(resource.Added);
            held.Digest = digest;
        }

        Total = change.Total;
    }

    private static Digest InTotal(ResourceName name, Digest? digest) => digest is { } d ? HeldResource.InTotal(name, d) : Digest.Empty;

    private ResourceChange? Removal(ResourceRef reference)
    {
        var name = new ResourceName(reference.Kind, reference.Name);
        return Find(name) is null ? null : new ResourceChange(name, null, [], [], null);
    }

    private ResourceChange Check(Resource resource)
    {
        var name = new ResourceName(resource.Kind, resource.Name);
        var change = resource.ContentCase switch
        {
            Resource.ContentOneofCase.Whole => CheckWhole(name, resource.Whole),
            Resource.ContentOneofCase.Delta => CheckDelta(name, resource.Delta),
            _ => throw new BaseMismatchException($"{name} comes without content", name),
        };
        return resource.Digest.Length == Digest.Length && Digest.FromBytes(resource.Digest.Span) == change.Digest
            ? change
            : throw new BaseMismatchException($"{name} has digest {change.Digest}, not the one that the update gives", name);
    }

    private ResourceChange CheckWhole(ResourceName name, Whole whole)
    {
        var entries = whole.Entries.ToHashSet();
        var held = Find(name)?.Entries ?? [];
        var digest = HeldResource.OfHead(whole.Head) + HeldResource.OfEntries(entries);
        return new ResourceChange(name, whole.Head, [.. entries.Where(e => !held.Contains(e))], [.. held.Where(e => !entries.Contains(e))], digest);
    }

    private ResourceChange CheckDelta(ResourceName name, Delta delta)
    {
        if (Find(name) is not { } held)
        {
            throw new BaseMismatchException($"a delta of {name}, which is not held", name);
        }

        if (delta.BaseDigest.Length != Digest.Length || Digest.FromBytes(delta.BaseDigest.Span) != held.Digest)
        {
            throw new BaseMismatchException($"a delta of {name} builds on another content than the one held, {held.Digest}", name);
        }

        var added = delta.Added.Distinct().ToImmutableArray();
        var removed = delta.Removed.Distinct().ToImmutableArray();
        if (added.Any(held.Entries.Contains) || !removed.All(held.Entries.Contains))
        {
            throw new BaseMismatchException($"a delta of {name} adds what is held or removes what is not", name);
        }

        var head = delta.HasHead ? delta.Head : null;
        var digest = held.Digest + HeldResource.OfEntries(added) - HeldResource.OfEntries(removed);
        return new ResourceChange(
            name, head, added, removed, head is null ? digest : digest - HeldResource.OfHead(held.Head) + HeldResource.OfHead(head));
    }
}
