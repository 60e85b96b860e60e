using System.Collections.Immutable;

namespace Vallum.Silo.Storage.Log;

/// <summary>All objects, at one revision. Immutable: whoever holds it may read it while the log goes on.</summary>
internal sealed record LogState(long Revision, ImmutableDictionary<ObjectKey, StoredObject> Objects)
{
    public static LogState Empty { get; } = new(0, ImmutableDictionary<ObjectKey, StoredObject>.Empty);

    public LogState With(Batch batch)
    {
        if (batch.Changes is [var only])
        {
            return new LogState(batch.Revision, only.Object is { } put ? Objects.SetItem(only.Key, put) : Objects.Remove(only.Key));
        }

        var objects = Objects.ToBuilder();
        foreach (var change in batch.Changes)
        {
            if (change.Object is { } next)
            {
                objects[change.Key] = next;
            }
            else
            {
                objects.Remove(change.Key);
            }
        }

        return new LogState(batch.Revision, objects.ToImmutable());
    }
}
