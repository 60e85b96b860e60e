using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Services;
using Vallum.Cluster.Traffic;

namespace Vallum.Cluster;

/// <summary>
/// One per silo, asked by every silo: what the nodes that it serves have counted and logged. In memory; nodes tell everything again to the silo that
/// serves them next. A node is in the sums of one silo at a time.
/// </summary>
[Alias("vallum.ITrafficService")]
public interface ITrafficService : IGrainService
{
    /// <summary>In the order of <paramref name="policies"/>, as bytes of the API's PolicyHits; empty: no node of this silo has said anything.</summary>
    [AlwaysInterleave, Alias("Hits")]
    Task<ImmutableArray<byte[]>> Hits(ImmutableArray<string> policies, bool rules);

    /// <param name="request">Bytes of the API's GetTopRequest.</param>
    /// <returns>Bytes of the API's Top: this silo's part of it, with more rows than were asked for.</returns>
    [AlwaysInterleave, Alias("Top")]
    Task<byte[]> Top(byte[] request);

    /// <summary>Flow events after the question's cursor, once there are any, or after the wait.</summary>
    [AlwaysInterleave, Alias("Flows")]
    Task<FlowPage> Flows(FlowQuestion question, CancellationToken cancellationToken = default);

    /// <summary>
    /// Another silo has heard everything from these nodes and is about to count them: they leave the sums of this one. Answers those that this silo
    /// counts and has heard from later: they are not the other's any more.
    /// </summary>
    [AlwaysInterleave, Alias("LetGo")]
    Task<ImmutableArray<NodeStream>> LetGo(ImmutableArray<NodeStream> nodes);
}
