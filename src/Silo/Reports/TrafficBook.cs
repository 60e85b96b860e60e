using System.Collections.Immutable;
using Vallum.Cluster.Traffic;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Api.V1;
using Vallum.Silo.Distribution;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Silo.Reports;

/// <summary>
/// What the nodes of this silo have counted and logged. A node that is new here waits until it has told everything and the other silos have let it go;
/// then it is counted, also after its stream has ended, until another silo counts it or an hour has passed: a sum neither falls nor doubles when an
/// agent moves. Bounded by what nodes have, and a ring of flows. Every method is short and may be called by anybody.
/// </summary>
internal sealed class TrafficBook(TimeProvider time) : IReportSink
{
    /// <summary>How long a node is counted that no stream tells of any more.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    // Of one report; agents send 200.
    private const int MostFlowsPerReport = 1000;

    private readonly Lock _lock = new();
    private readonly TrafficSums _sums = new();
    private readonly Dictionary<string, NodeCounts> _nodes = [];
    private readonly Dictionary<string, ulong> _dropped = [];
    private readonly FlowRing _flows = new();
    private readonly ChangeSignal _flowsChanged = new();

    public void Take(string node, string session, NodeReport report)
    {
        // An agent that does not count says nothing here.
        if (report.Run == 0)
        {
            return;
        }

        lock (_lock)
        {
            Flows(node, report);
            var stream = new NodeStream(node, report.Run, report.Stream);
            if (!_nodes.TryGetValue(node, out var counts))
            {
                _nodes[node] = counts = new NodeCounts(stream, _sums);
            }
            else if (stream.IsBefore(counts.Stream))
            {
                return;
            }

            counts.Session = session;
            counts.Take(report);
        }
    }

    public void Ended(string node, string session)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(node, out var counts) && counts.Session == session)
            {
                (counts.Session, counts.EndedAt) = (null, time.GetUtcNow());
                counts.Rest();
            }
        }
    }

    /// <summary>Nodes that have told everything and are not counted yet.</summary>
    public ImmutableArray<NodeStream> Waiting()
    {
        lock (_lock)
        {
            return [.. _nodes.Values.Where(n => n is { IsComplete: true, IsCounted: false }).Select(n => n.Stream)];
        }
    }

    public void Count(IEnumerable<NodeStream> nodes)
    {
        lock (_lock)
        {
            foreach (var stream in nodes)
            {
                _nodes.GetValueOrDefault(stream.Node)?.Count();
            }
        }
    }

    /// <summary>Another silo counts these nodes from now on. Answers those that are counted here and were heard later: that silo has to let go of them itself.</summary>
    public ImmutableArray<NodeStream> LetGo(IEnumerable<NodeStream> nodes)
    {
        var later = ImmutableArray.CreateBuilder<NodeStream>();
        lock (_lock)
        {
            foreach (var stream in nodes)
            {
                if (!_nodes.TryGetValue(stream.Node, out var counts))
                {
                    continue;
                }

                if (counts.Stream.IsBefore(stream))
                {
                    counts.LeaveSums();
                    _nodes.Remove(stream.Node);
                }
                else if (counts.IsCounted && stream.IsBefore(counts.Stream))
                {
                    // One that waits here will ask in its turn: until then the node is better counted there than nowhere.
                    later.Add(counts.Stream);
                }
            }
        }

        return later.ToImmutable();
    }

    /// <summary>Forgets nodes that have been away for too long.</summary>
    public void Tidy()
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            foreach (var (node, counts) in _nodes.Where(n => n.Value.Session is null && now - n.Value.EndedAt > Retention).ToList())
            {
                counts.LeaveSums();
                _nodes.Remove(node);
                _dropped.Remove(node);
            }
        }
    }

    /// <summary>In the order of <paramref name="policies"/>; null: no node of this silo has said anything.</summary>
    public ImmutableArray<PolicyHits?> Hits(ImmutableArray<string> policies, bool rules)
    {
        lock (_lock)
        {
            return [.. policies.Select(p => _sums.Policies.TryGetValue(p, out var sum) ? TrafficText.Of(sum, rules) : null)];
        }
    }

    public Top Top(GetTopRequest request, int rows)
    {
        lock (_lock)
        {
            return TrafficText.Top(request, rows, _sums, _nodes.Values);
        }
    }

    public async Task<FlowPage> FlowsAsync(FlowQuestion question, CancellationToken cancellationToken)
    {
        var changed = _flowsChanged.Next;
        var page = Read();
        if (question.After is null || page.Flows.Length > 0 || page.Next != question.After || question.Wait <= TimeSpan.Zero)
        {
            return page;
        }

        await ChangeSignal.WaitAsync(changed, LongPoll.Grant(question.Wait), time, cancellationToken);
        return Read();

        FlowPage Read()
        {
            lock (_lock)
            {
                return _flows.Read(question);
            }
        }
    }

    private void Flows(string node, NodeReport report)
    {
        // Agents count since their start.
        var before = _dropped.GetValueOrDefault(node);
        _flows.Dropped += report.FlowsDropped > before ? report.FlowsDropped - before : 0;
        if (report.FlowsDropped != before)
        {
            _dropped[node] = report.FlowsDropped;
        }

        foreach (var flow in report.Flows.Take(MostFlowsPerReport))
        {
            _flows.Add(FlowText.Of(node, flow));
        }

        if (report.Flows.Count > 0)
        {
            _flowsChanged.Raise();
        }
    }
}
