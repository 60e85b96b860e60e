using System.ComponentModel.DataAnnotations;

namespace Vallum.Silo.Admission;

/// <summary>How much one silo takes at once from those that call it. Bound from "Vallum:Limits", beside what a tenant takes.</summary>
internal sealed class AdmissionLimits
{
    public const string Section = "Vallum:Limits";

    /// <summary>Calls that are being answered; 10 to 1,000,000, default 4,000. Streams are not among them.</summary>
    [Range(10, 1_000_000)]
    public int Calls { get; set; } = 4_000;

    /// <summary>Of them, of one caller; 1 to 1,000,000, default 2,000. Who shows no credentials is known by the address.</summary>
    [Range(1, 1_000_000)]
    public int CallsOfCaller { get; set; } = 2_000;

    /// <summary>Streams to callers that are open, such as watches; 10 to 1,000,000, default 2,000.</summary>
    [Range(10, 1_000_000)]
    public int Streams { get; set; } = 2_000;

    /// <summary>Of them, of one caller; 1 to 1,000,000, default 200: below the 500 of one connection, beyond which a client waits without being told why.</summary>
    [Range(1, 1_000_000)]
    public int StreamsOfCaller { get; set; } = 200;

    /// <summary>Streams of agents that are open, with those that have not said their node yet; 10 to 1,000,000, default 25,000.</summary>
    [Range(10, 1_000_000)]
    public int AgentStreams { get; set; } = 25_000;

    /// <summary>Bytes of all requests that are being read or answered; 64 MiB to 64 GiB, default 256 MiB. One request has up to 64 MiB.</summary>
    [Range(64L << 20, 64L << 30)]
    public long RequestBytes { get; set; } = 256L << 20;

    /// <summary>A request that has not come whole within this is refused; 100 ms to 10 min, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan RequestWithin { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A caller that does not take a message of its stream within this loses the stream; 100 ms to 10 min, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan TakenWithin { get; set; } = TimeSpan.FromSeconds(30);
}
