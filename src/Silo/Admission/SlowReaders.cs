using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Options;

namespace Vallum.Silo.Admission;

/// <summary>Ends the streams of callers that do not read: what is under way to one is kept for it until it is taken, and no longer than a deadline.</summary>
internal sealed class SlowReaders(IOptions<AdmissionLimits> limits, AdmissionMetrics metrics, TimeProvider time) : Interceptor
{
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        continuation(request, new Writer<TResponse>(responseStream, context, limits.Value.TakenWithin, metrics, time), context);

    private sealed class Writer<T>(IServerStreamWriter<T> stream, ServerCallContext call, TimeSpan within, AdmissionMetrics metrics, TimeProvider time)
        : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => stream.WriteOptions;
            set => stream.WriteOptions = value;
        }

        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            var write = stream.WriteAsync(message, cancellationToken);
            if (write.IsCompleted)
            {
                await write;
                return;
            }

            try
            {
                await write.WaitAsync(within, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // There is no way to tell it: a status would wait behind the message that it does not take.
                metrics.Cut();
                call.GetHttpContext().Abort();
                throw new RpcException(new Status(StatusCode.DeadlineExceeded, "the caller does not read"));
            }
        }
    }
}
