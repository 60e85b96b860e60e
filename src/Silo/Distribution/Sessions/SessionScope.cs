using Microsoft.Extensions.Options;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>What all sessions of a silo share.</summary>
internal sealed class SessionScope(
    ResourceHub hub,
    INodeOwner nodes,
    IReportSink reports,
    SiloIdentity silo,
    AgentMetrics metrics,
    IOptions<DistributionOptions> options,
    TimeProvider time,
    ILogger<AgentSession> logger) : IDisposable
{
    public ResourceHub Hub => hub;

    public INodeOwner Nodes => nodes;

    public IReportSink Reports => reports;

    public SiloIdentity Silo => silo;

    public AgentMetrics Metrics => metrics;

    public DistributionOptions Options => options.Value;

    public TimeProvider Time => time;

    public ILogger Logger => logger;

    public SnapshotSlots Snapshots { get; } = new(options.Value.ConcurrentSnapshots);

    /// <summary>In which time the agents of this silo are to connect elsewhere: few go at once, many spread.</summary>
    public TimeSpan ReconnectWithin
    {
        get
        {
            var within = TimeSpan.FromSeconds((double)metrics.Sessions / Options.ReconnectsPerSecond);
            return within < Options.ReconnectWithin ? within : Options.ReconnectWithin;
        }
    }

    public void Dispose() => Snapshots.Dispose();
}
