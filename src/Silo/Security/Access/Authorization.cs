using Grpc.Core;
using Grpc.Core.Interceptors;
using Vallum.Silo.Api;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Security.Access;

/// <summary>Every call of every service comes through here, and goes on only where its rule and its caller agree.</summary>
internal sealed class Authorization(MethodRules rules, OpenStreams streams, CallerLog log) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(request, context);
        return continuation(request, context);
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(request, context);
        using var watching = streams.Watch(context.GetHttpContext());
        await continuation(request, responseStream, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(null, context);
        return continuation(requestStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(null, context);
        return continuation(requestStream, responseStream, context);
    }

    /// <param name="request">Null: it is a stream, and the method judges what comes on it.</param>
    private void Check(object? request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        if (Judge(request, context.Method, caller) is { } refusal)
        {
            log.Forbidden(context.Method, caller.Name, refusal.Status.Detail);
            throw refusal;
        }
    }

    private RpcException? Judge(object? request, string method, Caller caller)
    {
        switch (rules.Find(method))
        {
            case null:
                return ApiError.Forbidden("NOT_CALLABLE", caller.Name, $"{method} is for nobody");
            case { Audience: Audience.Users } when !caller.IsUser:
                return ApiError.Forbidden("NOT_A_USER", caller.Name, $"{caller.Name} is no user: this is for certificates that name /user/NAME, and for tokens");
            case { Audience: Audience.Nodes } when !caller.IsNode:
                return ApiError.Forbidden("NOT_A_NODE", caller.Name, $"{caller.Name} is no node: agents show certificates that name /node/NAME");
            case var rule:
                var unmet = request is null ? [] : rule.Demands(request).Where(demand => !demand.IsMet(caller.Rights)).ToList();
                return unmet.Count == 0 ? null : ApiError.Forbidden(caller.Name, unmet);
        }
    }
}
