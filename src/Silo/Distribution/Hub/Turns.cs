namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// Whose turn it is to be sent what has changed. A change wakes nobody by itself: nodes that may be sent something stand in line, and so many at a time are
/// woken that the processor is never asked for more than it does, by a change that concerns thousands of them. Meanwhile further changes join those that
/// wait: the more there is to do, the more goes into one update. Guarded by the hub's lock.
/// </summary>
internal sealed class Turns(TimeProvider time)
{
    /// <summary>Sessions that are awake to send; enough to keep every core busy while one is put to sleep and the next woken.</summary>
    private static readonly int AtOnce = 8 * Environment.ProcessorCount;

    /// <summary>A node that was sent nothing for so long goes before those that are sent something all the time.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private readonly Queue<ServedNode> _first = [];
    private readonly Queue<ServedNode> _then = [];
    private readonly PriorityQueue<ServedNode, long> _resting = new();
    private int _given;

    /// <summary>Nodes in line.</summary>
    public int Waiting => _first.Count + _then.Count;

    /// <summary>When <see cref="Next"/> has something that nothing else tells; a timestamp, null: never.</summary>
    public long? NextDue => _resting.TryPeek(out _, out var due) ? due : null;

    /// <summary>The node may be sent something, not before <paramref name="from"/>; it stands in line as soon as there is something to send.</summary>
    public void Allow(ServedNode node, long from, bool hasSomething)
    {
        if (node.Turn is Turn.None or Turn.Allowed)
        {
            (node.Turn, node.SendsFrom) = (Turn.Allowed, from);
            if (hasSomething)
            {
                StandInLine(node);
            }
        }
    }

    /// <summary>There is something to send to the node.</summary>
    public void Want(ServedNode node)
    {
        if (node.Turn == Turn.Allowed)
        {
            StandInLine(node);
        }
    }

    /// <summary>The node is sent nothing for now, or has been sent what it had its turn for.</summary>
    public void End(ServedNode node)
    {
        if (node.Turn == Turn.Given)
        {
            _given--;
            node.SentAt = time.GetTimestamp();
        }

        // Who stands in line is passed over when it comes to the front.
        node.Turn = Turn.None;
    }

    /// <summary>The next whose turn it is; null: nobody's.</summary>
    public ServedNode? Next()
    {
        while (_resting.TryPeek(out var rested, out var due) && due <= time.GetTimestamp())
        {
            _resting.Dequeue();
            if (rested.Turn == Turn.Resting && rested.SendsFrom == due)
            {
                Queue(rested);
            }
        }

        while (_given < AtOnce && (_first.TryDequeue(out var next) || _then.TryDequeue(out next)))
        {
            next.IsInLine = false;
            if (next.Turn == Turn.InLine)
            {
                next.Turn = Turn.Given;
                _given++;
                return next;
            }
        }

        return null;
    }

    private void StandInLine(ServedNode node)
    {
        if (node.SendsFrom > time.GetTimestamp())
        {
            node.Turn = Turn.Resting;
            _resting.Enqueue(node, node.SendsFrom);
        }
        else
        {
            Queue(node);
        }
    }

    private void Queue(ServedNode node)
    {
        node.Turn = Turn.InLine;
        if (node.IsInLine)
        {
            return;
        }

        node.IsInLine = true;
        (time.GetElapsedTime(node.SentAt) > Quiet ? _first : _then).Enqueue(node);
    }
}

/// <summary>Where a node is on its way to be sent something.</summary>
internal enum Turn
{
    /// <summary>It is sent nothing: it is not loaded yet, or an update is in flight.</summary>
    None,

    /// <summary>It may be sent something, and there is nothing.</summary>
    Allowed,

    /// <summary>There is, and the node has just been sent something else.</summary>
    Resting,

    InLine,

    /// <summary>Its session is awake and sends.</summary>
    Given,
}
