using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Counters;

namespace Vallum.NodeAgent.Reporting;

/// <summary>Tells the control plane what happens on the node, at most once a second, and nothing when nothing does.</summary>
internal sealed class ReportLoop(Agent agent, CounterLoop counters, FlowBacklog flows, TimeProvider time)
{
    public const int FlowsPerReport = 200;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private ulong _stream;
    private NodeReport? _told;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        do
        {
            Once();
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    public void Once()
    {
        if (!agent.IsHeard)
        {
            return;
        }

        if (agent.Streams != _stream)
        {
            _stream = agent.Streams;
            _told = null;
            counters.Reports.StartAgain();
        }

        var state = State();
        var counts = counters.Reports.Next();
        var events = flows.Take(FlowsPerReport);
        if (counts is null && events.IsEmpty && state.Equals(_told))
        {
            return;
        }

        var report = state.Clone();
        report.Counts = counts;
        report.Flows.Add(events);
        _told = state;
        agent.Say(new AgentMessage { Report = report });
    }

    /// <summary>What every report says.</summary>
    private NodeReport State()
    {
        var report = agent.Report();
        report.Run = counters.Run;
        report.Stream = _stream;
        report.FlowsDropped = flows.Dropped;
        report.Warnings.Add(agent.Findings.Warnings);
        report.Drift.Add(agent.Findings.Drift);
        return report;
    }
}
