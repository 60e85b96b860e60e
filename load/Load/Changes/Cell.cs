using System.Collections.Immutable;
using Vallum.Load.Measuring;
using Vallum.Load.Running;
using Vallum.Load.Worlds;

namespace Vallum.Load.Changes;

/// <summary>What was measured of one cycle of changes in one place.</summary>
/// <param name="Policies">That were there besides.</param>
/// <param name="Changes">How many changes, all of the cycle together, were measured.</param>
/// <param name="Counted">By the silo, over all of them.</param>
/// <param name="Used">Over all of them.</param>
internal sealed record Cell(
    Shape Shape,
    int Nodes,
    int Policies,
    ChangeCycle Cycle,
    ImmutableArray<StepLatency> Latencies,
    int Changes,
    Counters Counted,
    ProcessorTime Used);

/// <summary>Both from the start of the API call.</summary>
/// <param name="Api">To its answer: the change is durable.</param>
/// <param name="Realized">Until the control plane has seen the last node's ack: the change is in all kernels.</param>
internal sealed record StepLatency(Change Change, Latency Api, Latency Realized);
