using System.Net;

namespace Vallum.Swarm;

/// <summary>What the agents of a swarm are like.</summary>
public sealed record SwarmOptions
{
    /// <summary>The silos' gRPC listeners, without TLS. A connection that fails is tried at the next.</summary>
    public required IReadOnlyList<IPEndPoint> Servers { get; init; }

    /// <summary>Agents that share a connection; a silo takes 500 streams on one. 1: each has its own, as agents of real nodes have. Default 400.</summary>
    public int StreamsPerConnection { get; init; } = 400;

    /// <summary>Connections that are being opened at the same time. Default 64.</summary>
    public int Connecting { get; init; } = 64;

    /// <summary>From the last byte of an update to its ack. Default 0: at once, with what else is on its way.</summary>
    public TimeSpan AckDelay { get; init; }

    /// <summary>Of 100 agents, how many take <see cref="ReadDelay"/> for each message. Default 0.</summary>
    public int SlowPercent { get; init; }

    /// <summary>Default 1 s.</summary>
    public TimeSpan ReadDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Of 100 agents, how many read nothing more once they are in sync; the stream stays open. Default 0.</summary>
    public int DeadPercent { get; init; }

    /// <summary>Bytes that a silo may send on a stream ahead of what was read: how soon it notices slow and dead readers. Default 64 KiB.</summary>
    public int StreamWindow { get; init; } = 64 * 1024;

    /// <summary>An agent that was thrown out, or lost its connection, comes back after a random part of this. Default 1 s.</summary>
    public TimeSpan ReconnectWithin { get; init; } = TimeSpan.FromSeconds(1);
}
