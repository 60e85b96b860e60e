using Google.Protobuf;
using Vallum.Cluster.Traffic;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Reports;

/// <summary>The newest flow events of this silo's nodes. Not for two threads at once.</summary>
internal sealed class FlowRing
{
    public const int Capacity = 8192;

    private readonly FlowEvent[] _events = new FlowEvent[Capacity];

    /// <summary>How many there ever were; the number of the next.</summary>
    public long Count { get; private set; }

    /// <summary>Events that nodes had no room for.</summary>
    public ulong Dropped { get; set; }

    public void Add(FlowEvent flow) => _events[Count++ % Capacity] = flow;

    public FlowPage Read(FlowQuestion question)
    {
        var filter = new FlowMatch(FlowFilter.Parser.ParseFrom(question.Filter));
        var oldest = Math.Max(0, Count - Capacity);

        // A number beyond what there is comes from this silo's time before its last start.
        var cursor = question.After is { } after && after <= Count ? Math.Max(after, oldest) : oldest;
        var forgotten = question.After is { } asked && asked < oldest ? (ulong)(oldest - asked) : 0;
        var found = new List<byte[]>();
        if (question.After is null)
        {
            // The newest, told oldest first.
            for (var at = Count - 1; at >= oldest && found.Count < question.Limit; at--)
            {
                Take(at);
            }

            found.Reverse();
            return new FlowPage(Count, [.. found], Dropped);
        }

        for (; cursor < Count && found.Count < question.Limit; cursor++)
        {
            Take(cursor);
        }

        return new FlowPage(cursor, [.. found], Dropped + forgotten);

        void Take(long at)
        {
            var flow = _events[at % Capacity];
            if (filter.Takes(flow))
            {
                found.Add(flow.ToByteArray());
            }
        }
    }
}
