using System.Collections.Immutable;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Traffic;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Primitives;
using Vallum.Silo.Reports;
using Vallum.Silo.Security.Access;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Api;

internal sealed class TrafficService(IGrainFactory grains, TrafficReader reader, TrafficSilos silos, IHostApplicationLifetime lifetime, TimeProvider time)
    : Contracts.Api.V1.TrafficService.TrafficServiceBase
{
    private const int DefaultRows = 20;
    private const int MaxRows = 1000;
    private const int DefaultFlows = 100;
    private const int MaxFlows = 10_000;
    private const int WaitingFlows = 10_000;
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FlowWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenLooksForSilos = TimeSpan.FromSeconds(2);

    public override Task<Top> GetTop(GetTopRequest request, ServerCallContext context) => TopAsync(Valid(request, "", context), context.CancellationToken);

    public override async Task WatchTop(WatchTopRequest request, IServerStreamWriter<Top> responseStream, ServerCallContext context)
    {
        var top = Valid(request.Top ?? new GetTopRequest(), "top.", context);
        var interval = request.Interval?.ToTimeSpan() ?? DefaultInterval;
        if (interval < ShortestInterval || interval > LongestInterval)
        {
            throw ApiError.Invalid("interval", "OUT_OF_RANGE", $"{interval.TotalSeconds} s is not in {ShortestInterval.TotalSeconds}..{LongestInterval.TotalSeconds} s");
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        while (true)
        {
            await responseStream.WriteAsync(await TopAsync(top, context.CancellationToken), context.CancellationToken);
            await Task.Delay(interval, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ThrowWhenStopping();
            context.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    public override async Task<ListFlowsResponse> ListFlows(ListFlowsRequest request, ServerCallContext context)
    {
        var limit = request.Limit switch
        {
            0 => DefaultFlows,
            >= 1 and <= MaxFlows => request.Limit,
            _ => throw ApiError.Invalid("limit", "OUT_OF_RANGE", $"{request.Limit} is not in 1..{MaxFlows}"),
        };
        var question = new FlowQuestion(null, Valid(request.Filter, context), limit, TimeSpan.Zero);
        var pages = await reader.AskAsync(s => s.Flows(question, CancellationToken.None));
        var rights = Caller.Of(context).Rights;
        return new ListFlowsResponse
        {
            Flows = { InOrder(pages).TakeLast(limit).Select(flow => Discretion.Of(flow, rights)).OfType<FlowEvent>() },
            Dropped = pages.Aggregate(0UL, (sum, page) => sum + page.Dropped),
        };
    }

    public override async Task WatchFlows(WatchFlowsRequest request, IServerStreamWriter<FlowEvent> responseStream, ServerCallContext context)
    {
        if (request.Recent is < 0 or > MaxFlows)
        {
            throw ApiError.Invalid("recent", "OUT_OF_RANGE", $"{request.Recent} is not in 0..{MaxFlows}");
        }

        var rights = Caller.Of(context).Rights;
        var first = new FlowQuestion(null, Valid(request.Filter, context), request.Recent, TimeSpan.Zero);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);

        // A caller that does not read keeps the silos waiting, and their rings go on without it.
        var waiting = Channel.CreateBounded<FlowEvent>(WaitingFlows);
        var following = new Dictionary<SiloAddress, Task>();
        var begin = await BeginAsync(first);
        foreach (var flow in InOrder(begin.Values).TakeLast(request.Recent))
        {
            await WriteAsync(flow, responseStream, rights, context.CancellationToken);
        }

        try
        {
            while (!ending.IsCancellationRequested)
            {
                foreach (var silo in silos.Active.Where(s => !following.TryGetValue(s, out var task) || task.IsCompleted))
                {
                    following[silo] = FollowAsync(silo, first with { After = begin.GetValueOrDefault(silo)?.Next ?? 0, Limit = MaxRows, Wait = FlowWait }, waiting.Writer, ending.Token);
                    begin.Remove(silo);
                }

                await DrainAsync(waiting.Reader, responseStream, rights, context.CancellationToken, ending.Token);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(following.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        ThrowWhenStopping();
    }

    /// <summary>What each silo has now, and where to go on. One that does not answer is followed from its begin.</summary>
    private async Task<Dictionary<SiloAddress, FlowPage>> BeginAsync(FlowQuestion first)
    {
        var pages = new Dictionary<SiloAddress, FlowPage>();
        foreach (var silo in silos.Active)
        {
            try
            {
                pages[silo] = await silos.At(silo).Flows(first).WaitAsync(BetweenLooksForSilos, time);
            }
            catch (Exception exception) when (exception is TimeoutException or OrleansException)
            {
                continue;
            }
        }

        return pages;
    }

    private async Task FollowAsync(SiloAddress silo, FlowQuestion question, ChannelWriter<FlowEvent> writer, CancellationToken cancelled)
    {
        // A silo that fails is followed anew at the next look, if it is still there.
        while (!cancelled.IsCancellationRequested)
        {
            var page = await silos.At(silo).Flows(question, cancelled).WaitAsync(cancelled);
            foreach (var flow in page.Flows)
            {
                await writer.WriteAsync(FlowEvent.Parser.ParseFrom(flow), cancelled);
            }

            question = question with { After = page.Next };
        }
    }

    /// <summary>Writes what comes, until it is time to look for silos again.</summary>
    private async Task DrainAsync(ChannelReader<FlowEvent> flows, IServerStreamWriter<FlowEvent> stream, Rights rights, CancellationToken caller, CancellationToken ending)
    {
        var until = Task.Delay(BetweenLooksForSilos, time, ending);
        while (!until.IsCompleted)
        {
            while (flows.TryRead(out var flow))
            {
                await WriteAsync(flow, stream, rights, caller);
            }

            using var looking = CancellationTokenSource.CreateLinkedTokenSource(ending);
            await Task.WhenAny(flows.WaitToReadAsync(looking.Token).AsTask(), until).ConfigureAwait(false);
            await looking.CancelAsync();
        }
    }

    private static Task WriteAsync(FlowEvent flow, IServerStreamWriter<FlowEvent> stream, Rights rights, CancellationToken cancellationToken) =>
        Discretion.Of(flow, rights) is { } told ? stream.WriteAsync(told, cancellationToken) : Task.CompletedTask;

    private async Task<Top> TopAsync(GetTopRequest request, CancellationToken cancellationToken)
    {
        var top = await reader.TopAsync(request);
        await Parallel.ForEachAsync(top.Denied, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancellationToken }, async (row, _) => row.Segment = await SegmentOfAsync(row));
        return top;
    }

    /// <summary>Nodes know endpoints by tenant and name only.</summary>
    private async Task<string> SegmentOfAsync(DeniedRate row)
    {
        if (row.Endpoints.Count == 0 || !ObjectName.TryParse(row.Endpoints[0], out var name) || name.Type != ObjectType.Endpoint)
        {
            return "";
        }

        return await grains.Scope(name.Scope).Get(ObjectKind.Endpoint, name.Id) is { } document
            ? ObjectKinds.ToMessage(ObjectKinds.Endpoint, name.Scope, document).Spec?.Segment is { Length: > 0 } segment ? segment : "default"
            : "";
    }

    private static GetTopRequest Valid(GetTopRequest request, string prefix, ServerCallContext context)
    {
        if (request.View is not (TopView.Policies or TopView.Denied or TopView.Nodes))
        {
            throw ApiError.Invalid($"{prefix}view", "REQUIRED", "POLICIES, DENIED or NODES");
        }

        if (request.Limit is < 0 or > MaxRows)
        {
            throw ApiError.Invalid($"{prefix}limit", "OUT_OF_RANGE", $"{request.Limit} is not in 1..{MaxRows}");
        }

        if (request.Tenant.Length > 0)
        {
            ObjectScopes.Parse(request.Tenant, ObjectType.Tenant, $"{prefix}tenant");
        }

        return new GetTopRequest(request)
        {
            Limit = request.Limit == 0 ? DefaultRows : request.Limit,
            Tenant = TenantOf(request.Tenant, $"{prefix}tenant", context),
        };
    }

    /// <summary>Whoever may not read everything asks about one tenant; where that can only be one it need not be named.</summary>
    private static string TenantOf(string named, string field, ServerCallContext context)
    {
        var rights = Caller.Of(context).Rights;
        return named.Length > 0 || rights.ReadsEverything ? named
            : rights.Tenants.Count == 1 ? $"tenants/{rights.Tenants.Single()}"
            : throw ApiError.Invalid(field, "REQUIRED", $"of which tenant? one of {string.Join(", ", rights.Tenants.Order().Select(tenant => $"tenants/{tenant}"))}");
    }

    /// <returns>The filter's bytes, addresses in their one spelling.</returns>
    private static byte[] Valid(FlowFilter? asked, ServerCallContext context)
    {
        var filter = new FlowFilter(asked ?? new FlowFilter());
        filter.Tenant = TenantOf(filter.Tenant, "filter.tenant", context);
        if (filter.Tenant.Length > 0)
        {
            ObjectScopes.Parse(filter.Tenant, ObjectType.Tenant, "filter.tenant");
        }

        if (filter.Node.Length > 0)
        {
            ObjectScopes.Parse(filter.Node, ObjectType.Node, "filter.node");
        }

        if (filter.Party.Length > 0 && Address.TryParse(filter.Party, out var address))
        {
            return new FlowFilter(filter) { Party = address.ToString() }.ToByteArray();
        }

        if (filter.Party.Length > 0)
        {
            ObjectScopes.Parse(filter.Party, ObjectType.Endpoint, "filter.party");
        }

        return filter.ToByteArray();
    }

    private static IEnumerable<FlowEvent> InOrder(IEnumerable<FlowPage> pages) =>
        pages.SelectMany(p => p.Flows).Select(FlowEvent.Parser.ParseFrom).OrderBy(f => f.Time?.ToDateTime() ?? default);

    private void ThrowWhenStopping()
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw ApiError.Unavailable("SHUTTING_DOWN", "this silo is going away: ask another");
        }
    }
}
