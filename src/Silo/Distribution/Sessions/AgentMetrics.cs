using System.Diagnostics.Metrics;
using Vallum.Silo.Distribution.Hub;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>What streams to agents do, on this silo. No label names a node or a tenant: there are too many.</summary>
internal sealed class AgentMetrics
{
    public const string MeterName = "Vallum";

    private readonly UpDownCounter<long> _sessions;
    private readonly Counter<long> _updates;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _resources;
    private readonly Counter<long> _nacks;
    private readonly Counter<long> _resets;
    private readonly Histogram<double> _ackLatency;
    private int _open;

    public AgentMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _sessions = meter.CreateUpDownCounter<long>("vallum.agent.sessions", "{session}", "Open streams to agents");
        _updates = meter.CreateCounter<long>("vallum.agent.updates", "{update}", "Updates sent");
        _bytes = meter.CreateCounter<long>("vallum.agent.update_bytes", "By", "Bytes of resources sent");
        _resources = meter.CreateCounter<long>("vallum.agent.resources", "{resource}", "Resources sent, by form: whole, delta, removed");
        _nacks = meter.CreateCounter<long>("vallum.agent.nacks", "{nack}", "Updates refused, by reason");
        _resets = meter.CreateCounter<long>("vallum.agent.resets", "{session}", "Streams ended by this side, by cause");
        _ackLatency = meter.CreateHistogram<double>("vallum.agent.ack_latency", "s", "From an update's last write to its ack");
    }

    /// <summary>Open streams.</summary>
    public int Sessions => Volatile.Read(ref _open);

    public void Opened()
    {
        Interlocked.Increment(ref _open);
        _sessions.Add(1);
    }

    public void Closed()
    {
        Interlocked.Decrement(ref _open);
        _sessions.Add(-1);
    }

    public void Sent(NodeStep step)
    {
        _updates.Add(1);
        _bytes.Add(step.Bytes);
        var wholes = step.Sends.Count(s => s.Resource.IsWhole);
        Count(wholes, "whole");
        Count(step.Sends.Length - wholes, "delta");
        Count(step.Removed.Length, "removed");
    }

    public void Nacked(string reason) => _nacks.Add(1, KeyValuePair.Create<string, object?>("reason", reason));

    public void Reset(string cause) => _resets.Add(1, KeyValuePair.Create<string, object?>("cause", cause));

    public void Acked(TimeSpan after) => _ackLatency.Record(after.TotalSeconds);

    private void Count(int resources, string form)
    {
        if (resources > 0)
        {
            _resources.Add(resources, KeyValuePair.Create<string, object?>("form", form));
        }
    }
}
