using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vallum.Cluster.Objects;
using Vallum.Silo.Storage.Log.History;
using Log = Vallum.Silo.Storage.Log;

namespace Vallum.Silo.Grains.Objects;

/// <summary>Documents as the log keeps them, and back.</summary>
internal static class StoredForm
{
    /// <summary>A large tenant that is deleted would else be more than the log takes as one batch; 6 MiB of its 8.</summary>
    private const int BytesWithBefore = 6 << 20;

    private static Log.ObjectChange ChangeOf(ScopeEdit edit)
    {
        var key = new Log.ObjectKey((int)edit.Key.Kind, edit.Key.Name);
        return edit.After is { Document: var document } ? Log.ObjectChange.Put(key, StoredOf(document)) : Log.ObjectChange.Delete(key);
    }

    /// <summary>
    /// The changes of a batch. Those that people make say what was before too, as long as the batch has less than <see cref="BytesWithBefore"/>; endpoints'
    /// do not, since they come by the thousand.
    /// </summary>
    public static ImmutableArray<Log.ObjectChange> ChangesOf(IReadOnlyCollection<ScopeEdit> edits)
    {
        var changes = ImmutableArray.CreateBuilder<Log.ObjectChange>(edits.Count);
        changes.AddRange(edits.Select(ChangeOf));
        var bytes = changes.Sum(change => (long)change.Bytes);
        foreach (var (index, edit) in edits.Index())
        {
            if (edit.Before is { Document: var document } && ObjectHistory.StreamOf(edit.Key.Kind) == HistoryStream.Calm)
            {
                var before = StoredOf(document);
                if (bytes + before.Bytes <= BytesWithBefore)
                {
                    bytes += before.Bytes;
                    changes[index] = changes[index] with { Before = before };
                }
            }
        }

        return changes.MoveToImmutable();
    }

    public static ObjectDocument DocumentOf(int kind, string name, Log.StoredObject stored) => new(
        (ObjectKind)kind,
        name,
        ContentOf(stored.Content),
        stored.Uid,
        stored.Generation,
        stored.Revision,
        stored.CreateTime,
        stored.UpdateTime);

    /// <summary>One byte per change: its type. What the objects became is asked of the objects.</summary>
    public static ReadOnlyMemory<byte> OutcomeOf(ImmutableArray<ChangeOutcome> outcomes) => outcomes.Select(outcome => (byte)outcome.Type).ToArray();

    private static Log.StoredObject StoredOf(ObjectDocument document) => new()
    {
        Content = document.Content.AsMemory(),
        Uid = document.Uid,
        Generation = document.Generation,
        Revision = document.Revision,
        CreateTime = document.CreateTime,
        UpdateTime = document.UpdateTime,
    };

    private static ImmutableArray<byte> ContentOf(ReadOnlyMemory<byte> content) =>
        // The log's memory is an array that nobody writes again; a copy is only needed when it is a part of a larger one.
        MemoryMarshal.TryGetArray(content, out var segment) && segment is { Array: { } array, Offset: 0 } && segment.Count == array.Length
            ? ImmutableCollectionsMarshal.AsImmutableArray(array)
            : [.. content.Span];
}
