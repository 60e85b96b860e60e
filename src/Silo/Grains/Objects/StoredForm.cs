using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vallum.Cluster.Objects;
using Log = Vallum.Silo.Storage.Log;

namespace Vallum.Silo.Grains.Objects;

/// <summary>Documents as the log keeps them, and back.</summary>
internal static class StoredForm
{
    public static Log.ObjectChange ChangeOf(ScopeEdit edit)
    {
        var key = new Log.ObjectKey((int)edit.Key.Kind, edit.Key.Name);
        return edit.After is { Document: var document }
            ? Log.ObjectChange.Put(key, new Log.StoredObject
            {
                Content = document.Content.AsMemory(),
                Uid = document.Uid,
                Generation = document.Generation,
                Revision = document.Revision,
                CreateTime = document.CreateTime,
                UpdateTime = document.UpdateTime,
            })
            : Log.ObjectChange.Delete(key);
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

    private static ImmutableArray<byte> ContentOf(ReadOnlyMemory<byte> content) =>
        // The log's memory is an array that nobody writes again; a copy is only needed when it is a part of a larger one.
        MemoryMarshal.TryGetArray(content, out var segment) && segment is { Array: { } array, Offset: 0 } && segment.Count == array.Length
            ? ImmutableCollectionsMarshal.AsImmutableArray(array)
            : [.. content.Span];
}
