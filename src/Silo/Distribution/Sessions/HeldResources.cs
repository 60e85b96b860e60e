using Vallum.Primitives;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>What the agent holds, as far as the session knows: the version of each resource is its digest.</summary>
internal sealed class HeldResources
{
    private readonly Dictionary<ResourceId, Digest?> _resources = [];

    public IReadOnlyCollection<ResourceId> Ids => _resources.Keys;

    /// <summary>Over everything held whose content is known.</summary>
    public Digest Digest { get; private set; }

    public bool Contains(ResourceId id) => _resources.ContainsKey(id);

    /// <summary>Null: not held, or with a content that is not known.</summary>
    public Digest? this[ResourceId id] => _resources.GetValueOrDefault(id);

    /// <param name="content">Null: held with a content that is not known, so that only the whole fits.</param>
    public void Set(ResourceId id, Digest? content)
    {
        Remove(id);
        _resources[id] = content;
        if (content is { } digest)
        {
            Digest += ContentDigest.OfHeld(id, digest);
        }
    }

    public void Remove(ResourceId id)
    {
        if (_resources.Remove(id, out var before) && before is { } digest)
        {
            Digest -= ContentDigest.OfHeld(id, digest);
        }
    }

    public void Clear()
    {
        _resources.Clear();
        Digest = Digest.Empty;
    }
}
