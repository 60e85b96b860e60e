using System.ComponentModel.DataAnnotations;

namespace Vallum.Silo.Distribution;

/// <summary>How resources reach nodes. Bound from "Vallum:Distribution".</summary>
public sealed class DistributionOptions
{
    public const string Section = "Vallum:Distribution";

    /// <summary>A parked question to an owner is answered at the latest after this; 1 s to 25 s (below Orleans' response timeout), default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:25")]
    public TimeSpan PullWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The first change is sent at once. After it a node rests four times as long as it took to apply, at most this long: 0 to 1 s, default 20 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan MergeWindow { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>A write that an agent does not take within this resets its call; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan WriteDeadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>An update that is neither acknowledged nor refused within this resets the call; default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan AckDeadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The first message of a call, and the answer to a question, come within this; default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan HelloDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Streams of one node that are open on this silo; 1 to 100, default 4. More are refused with RESOURCE_EXHAUSTED.</summary>
    [Range(1, 100)]
    public int StreamsOfNode { get; set; } = 4;

    /// <summary>Messages of one agent that are taken in a second, each 64 KiB counted as one; 10 to 100,000, default 500. Twice as many come at once; what is more waits in the agent's connection.</summary>
    [Range(10, 100_000)]
    public int MessagesPerSecond { get; set; } = 500;

    /// <summary>Resources that an agent may say it holds; 1,000 to 10,000,000, default 250,000. More reset the call.</summary>
    [Range(1_000, 10_000_000)]
    public int HeldResources { get; set; } = 250_000;

    /// <summary>A node's first snapshot waits this long for all of its tenants; after it those that are missing come later and nothing is removed until then. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan SnapshotWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Tenants that share an operator's policy are published together, unless one of them takes longer than this; default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan AgreeWithin { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A tenant that no node of this silo needs is followed this much longer; default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Progress is reported at once when there was none for this long, or when the last node of a tenant has arrived; else at most this often. Default 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:05")]
    public TimeSpan ReportWindow { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Sessions and progress are reported at least this often; default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>One message to an agent; 64 KB to 3 MB (a gRPC client takes 4 MB), default 1 MB.</summary>
    [Range(64 * 1024, 3 * 1024 * 1024)]
    public int PartBytes { get; set; } = 1024 * 1024;

    /// <summary>An update above this counts as a snapshot; default 256 KB.</summary>
    [Range(1024, int.MaxValue)]
    public int SnapshotBytes { get; set; } = 256 * 1024;

    /// <summary>Snapshots that this silo writes at the same time; default 32. Smaller updates do not wait for them.</summary>
    [Range(1, 10_000)]
    public int ConcurrentSnapshots { get; set; } = 32;

    /// <summary>Agents of a silo that goes connect elsewhere at this rate; 10 to 100,000, default 1,000.</summary>
    [Range(10, 100_000)]
    public int ReconnectsPerSecond { get; set; } = 1_000;

    /// <summary>However many they are, agents wait a random time below this before they connect again when this silo goes; default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ReconnectWithin { get; set; } = TimeSpan.FromSeconds(2);
}
