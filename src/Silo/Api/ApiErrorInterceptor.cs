using Grpc.Core;
using Grpc.Core.Interceptors;
using Orleans.Storage;
using Vallum.Cluster.Objects;

namespace Vallum.Silo.Api;

/// <summary>What nobody mapped becomes a status that says whether trying again helps. Cancelled calls stay cancelled.</summary>
internal sealed partial class ApiErrorInterceptor(ILogger<ApiErrorInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Map(exception, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Map(exception, context);
        }
    }

    private RpcException Map(Exception exception, ServerCallContext context)
    {
        if (context.CancellationToken.IsCancellationRequested)
        {
            return new RpcException(new Status(StatusCode.Cancelled, "the call was cancelled or its deadline passed"));
        }

        // A write whose answer got lost may have happened: the same request id tells.
        if (exception is TimeoutException or OrleansException or InconsistentStateException or OperationCanceledException or CommitUnknownException)
        {
            LogUnavailable(context.Method, exception.Message);
            return ApiError.Unavailable(
                "OUTCOME_UNKNOWN", $"the change may or may not have been made; ask again with the same request_id ({exception.Message})");
        }

        // Orleans' word for a message that the grain's silo has no type for.
        if (exception is TypeLoadException)
        {
            LogUnavailable(context.Method, exception.Message);
            return ApiError.OlderSilo(context.Method);
        }

        LogInternal(context.Method, exception);
        return ApiError.Internal($"{context.Method} failed: {exception.Message}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} could not be answered: {Reason}")]
    private partial void LogUnavailable(string method, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed")]
    private partial void LogInternal(string method, Exception exception);
}
