using System.Collections.Immutable;
using Vallum.Contracts.Agent.V1;

namespace Vallum.NodeAgent.Reporting;

/// <summary>Flow events that wait for a report. When it is full the oldest go: what happens now is what is asked for.</summary>
internal sealed class FlowBacklog
{
    public const int Most = 2000;

    private readonly Lock _lock = new();
    private readonly Queue<FlowEvent> _events = new();
    private ulong _dropped;

    /// <summary>Since the start.</summary>
    public ulong Dropped
    {
        get
        {
            lock (_lock)
            {
                return _dropped;
            }
        }
    }

    public void Add(FlowEvent flow)
    {
        lock (_lock)
        {
            if (_events.Count == Most)
            {
                _events.Dequeue();
                _dropped++;
            }

            _events.Enqueue(flow);
        }
    }

    public ImmutableArray<FlowEvent> Take(int most)
    {
        lock (_lock)
        {
            var taken = ImmutableArray.CreateBuilder<FlowEvent>();
            while (taken.Count < most && _events.TryDequeue(out var flow))
            {
                taken.Add(flow);
            }

            return taken.ToImmutable();
        }
    }
}
