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
        var staged = new Dictionary<ResourceName, StagedResource>();
        foreach (var message in parts.SelectMany(p => p.Resources))
        {
            var name = new ResourceName(message.Kind, message.Name);
            if (!staged.TryGetValue(name, out var resource))
            {
                staged[name] = resource = new StagedResource(name, Find(name));
            }

            resource.Take(message);
        }

        var removals = parts.SelectMany(p => p.Removed).Select(r => new ResourceName(r.Kind, r.Name)).Distinct().Where(n => Find(n) is not null);
        var changes = staged.Values.Select(s => s.ToChange()).Concat(removals.Select(n => new ResourceChange(n, null, [], [], null))).ToImmutableArray();
        if (changes.FirstOrDefault(c => c.IsRemoval && staged.ContainsKey(c.Name)) is { } torn)
        {
            throw new BaseMismatchException($"{torn.Name} is both changed and removed by one update", torn.Name);
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
}
