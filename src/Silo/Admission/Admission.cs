using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Vallum.Contracts.Agent.V1;
using Vallum.Silo.Api;
using Vallum.Silo.Hosting;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Admission;

/// <summary>
/// Refuses what is more than the silo takes at once, before a byte of the message is kept: a call that is refused here has changed nothing. What is let
/// in is never queued behind others.
/// </summary>
internal sealed class Admission : IMiddleware
{
    private static readonly string AgentMethods = $"/{AgentService.Descriptor.FullName}/";
    private static readonly TimeSpan CallDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StreamDelay = TimeSpan.FromSeconds(5);

    private readonly AdmissionLimits _limits;
    private readonly RequestRoom _room;
    private readonly AdmissionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Turnstile _calls;
    private readonly Turnstile _streams;
    private readonly Turnstile _agents;

    public Admission(IOptions<AdmissionLimits> limits, AdmissionMetrics metrics, TimeProvider time)
    {
        (_limits, _metrics, _time) = (limits.Value, metrics, time);
        _room = new RequestRoom(_limits.RequestBytes);
        _calls = new Turnstile(_limits.Calls, _limits.CallsOfCaller);
        _streams = new Turnstile(_limits.Streams, _limits.StreamsOfCaller);
        // Streams of one node are counted when it has said which it is.
        _agents = new Turnstile(_limits.AgentStreams, int.MaxValue);
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // Whether a silo is healthy is told to load balancers also when it is busy: it must not be given up for that.
        if (context.ListenerOf() == Listener.Admin || context.Request.Path == "/grpc.health.v1.Health/Check")
        {
            await next(context);
            return;
        }

        var type = context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.Type ?? MethodType.Unary;
        var isAgent = context.Request.Path.StartsWithSegments(AgentMethods.TrimEnd('/'));
        var isStream = type is not MethodType.Unary;
        var (turnstile, who) = isAgent ? (_agents, null) : (isStream ? _streams : _calls, Caller.Of(context).Name);
        if (turnstile.TryEnter(who) is var entry and not Entry.Inside)
        {
            await RefuseAsync(context, Refusal(entry, isStream, who));
            return;
        }

        try
        {
            await (type is MethodType.Unary or MethodType.ServerStreaming ? ReadAndAnswerAsync(context, next) : next(context));
        }
        finally
        {
            turnstile.Leave(who);
        }
    }

    private static RpcException Refusal(Entry entry, bool isStream, string? who) => (entry, isStream) switch
    {
        (Entry.Full, false) => ApiError.Exhausted("TOO_MANY_CALLS", "this silo answers as many calls as it takes at once: try again, or ask another silo", CallDelay),
        (Entry.Full, true) => ApiError.Exhausted("TOO_MANY_STREAMS", "this silo has as many streams open as it takes: ask another silo", StreamDelay),
        (_, false) => ApiError.Exhausted("TOO_MANY_CALLS_OF_CALLER", $"{who} has as many calls open as one may: wait for some of them", CallDelay),
        (_, true) => ApiError.Exhausted("TOO_MANY_STREAMS_OF_CALLER", $"{who} has as many streams open as one may: end some of them", StreamDelay),
    };

    private async Task ReadAndAnswerAsync(HttpContext context, RequestDelegate next)
    {
        var method = context.Request.Path;
        var largest = RequestSizes.LargestOf(method);
        using var request = new IncomingRequest(context, _room, largest);
        switch (await request.ReadAsync(_limits.RequestWithin, _time))
        {
            case Arrival.TooLarge:
                await RefuseAsync(context, ApiError.TooLarge($"the request has more than the {largest} bytes that {method} takes: send less at once"));
                break;
            case Arrival.NoRoom:
                await RefuseAsync(context, ApiError.Exhausted("TOO_MANY_BYTES", "requests that are being answered take all the room there is: try again", CallDelay));
                break;
            case Arrival.Late:
                await RefuseAsync(context, ApiError.DeadlineExceeded("REQUEST_INCOMPLETE", $"the request did not come whole within {_limits.RequestWithin.TotalSeconds:0.###} s"));
                break;
            case Arrival.Whole:
                await next(context);
                UnreadRequest.Explain(context);
                break;
            case Arrival.Gone:
                break;
        }
    }

    private Task RefuseAsync(HttpContext context, RpcException refusal)
    {
        _metrics.Refused(refusal.StatusCode);
        return TrailersOnly.WriteAsync(context, refusal);
    }
}
