using Vallum.Primitives;

namespace Vallum.Silo.Distribution.Content;

/// <summary>
/// The last changes of one resource, so that an agent that holds an earlier content gets the difference and not the whole. Bounded by
/// <see cref="MaxSteps"/> and by the entries that it carries: a difference as large as the content is worth nothing.
/// </summary>
internal sealed class DeltaRing
{
    public const int MaxSteps = 1024;
    private const int MinEntries = 64;

    private readonly LinkedList<Step> _steps = [];
    private int _entries;

    public void Push(Digest before, ContentDelta delta, int contentEntries)
    {
        _steps.AddLast(new Step(before, delta));
        _entries += delta.Count;
        while (_steps.Count > MaxSteps || (_steps.Count > 0 && _entries > Math.Max(MinEntries, contentEntries)))
        {
            _entries -= _steps.First!.Value.Delta.Count;
            _steps.RemoveFirst();
        }
    }

    public void Clear()
    {
        _steps.Clear();
        _entries = 0;
    }

    /// <summary>The delta from <paramref name="held"/> to the newest content; null when the ring does not reach back to it.</summary>
    public ContentDelta? Since(Digest held)
    {
        for (var from = _steps.Last; from is not null; from = from.Previous)
        {
            if (from.Value.Before == held)
            {
                return from.Next is null ? from.Value.Delta : ContentDelta.Compose(From(from));
            }
        }

        return null;
    }

    private static IEnumerable<ContentDelta> From(LinkedListNode<Step>? step)
    {
        for (; step is not null; step = step.Next)
        {
            yield return step.Value.Delta;
        }
    }

    private readonly record struct Step(Digest Before, ContentDelta Delta);
}
