using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Contracts.Api.V1;

namespace Vallum.Chaos.Writing;

/// <summary>
/// An orchestrator with the addresses of all silos: asks one until that one does not answer, then the next, with the same request id, until there is an
/// answer.
/// </summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>For one try.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    private readonly GrpcChannel[] _channels;
    private int _current;

    public ApiClient(IEnumerable<Uri> silos, int first)
    {
        _channels = [.. silos.Select(silo => GrpcChannel.ForAddress(silo, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = 64 * 1024 * 1024,
            // A silo that was killed and started again is tried at once.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(50),
            MaxReconnectBackoff = TimeSpan.FromMilliseconds(200),
        }))];
        _current = first;
    }

    private GrpcChannel Channel => _channels[_current % _channels.Length];

    /// <summary>Times that a try was not answered.</summary>
    public int Retries { get; private set; }

    /// <summary>Called after each try, with the silo's number, when it began, and what came of it.</summary>
    public Action<int, DateTime, Status>? Tried { get; set; }

    /// <summary>Until it is answered; with the request id that the request has.</summary>
    /// <exception cref="RpcException">It was refused.</exception>
    /// <exception cref="OperationCanceledException">Cancelled: the outcome is not known.</exception>
    public async Task<ApplyResponse> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await TryApplyAsync(request, cancellationToken);
            }
            catch (RpcException exception) when (IsUnknown(exception.StatusCode))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Retries++;
                _current++;
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(LongestPause.TotalMilliseconds, 10 << Math.Min(tries, 8))), cancellationToken);
            }
        }
    }

    /// <summary>A question, which may be asked as often as it takes: a silo that was just let go on may find itself put out, and ends.</summary>
    /// <exception cref="RpcException">It was refused, or nobody answered in 20 s.</exception>
    public async Task<T> AskAsync<T>(Func<GrpcChannel, CallOptions, AsyncUnaryCall<T>> ask, CancellationToken cancellationToken)
    {
        for (var until = DateTime.UtcNow + AnswerWithin; ;)
        {
            try
            {
                return await ask(Channel, new CallOptions(deadline: until, cancellationToken: cancellationToken));
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable && DateTime.UtcNow < until)
            {
                _current++;
                await Task.Delay(LongestPause, cancellationToken);
            }
        }
    }

    /// <summary>Once.</summary>
    public async Task<ApplyResponse> TryApplyAsync(ApplyRequest request, CancellationToken cancellationToken)
    {
        var (silo, start, status) = (_current % _channels.Length, DateTime.UtcNow, Status.DefaultSuccess);
        try
        {
            return await new ResourceService.ResourceServiceClient(Channel).ApplyAsync(request, deadline: start + Patience, cancellationToken: cancellationToken);
        }
        catch (RpcException exception)
        {
            status = exception.Status;
            throw;
        }
        finally
        {
            Tried?.Invoke(silo, start, status);
        }
    }

    public void Next() => _current++;

    /// <summary>Whether such an answer leaves open if the change was made.</summary>
    public static bool IsUnknown(StatusCode code) =>
        code is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Internal or StatusCode.Unknown or StatusCode.ResourceExhausted;

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }
    }
}
