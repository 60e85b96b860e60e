using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Cluster;
using Vallum.Cluster.Traffic;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Reports;

/// <inheritdoc cref="ITrafficService"/>
internal sealed class TrafficService(GrainId id, Orleans.Runtime.Silo silo, ILoggerFactory loggers, TrafficBook book) : GrainService(id, silo, loggers), ITrafficService
{
    // Of a row's share on the other silos nobody here knows: more rows than are asked for make it likely that the sums are right.
    private const int RowsPerRow = 10;
    private const int MostRows = 2000;

    public static int Rows(int limit) => Math.Min(limit * RowsPerRow, MostRows);

    public Task<ImmutableArray<byte[]>> Hits(ImmutableArray<string> policies, bool rules) =>
        Task.FromResult<ImmutableArray<byte[]>>([.. book.Hits(policies, rules).Select(h => h?.ToByteArray() ?? [])]);

    public Task<byte[]> Top(byte[] request)
    {
        var asked = GetTopRequest.Parser.ParseFrom(request);
        return Task.FromResult(book.Top(asked, Rows(asked.Limit)).ToByteArray());
    }

    public Task<FlowPage> Flows(FlowQuestion question, CancellationToken cancellationToken = default) => book.FlowsAsync(question, cancellationToken);

    public Task<ImmutableArray<NodeStream>> LetGo(ImmutableArray<NodeStream> nodes) => Task.FromResult(book.LetGo(nodes));
}
