using System.Numerics;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Vallum.NodeAgent.Connection;

/// <summary>Keeps a stream to some silo. Whatever becomes of it, what is enforced stays.</summary>
internal sealed class ControlPlaneLoop(string node, IEnumerable<Uri> servers, IAgentStreams streams, TimeProvider time, Random random, ILogger logger)
{
    private readonly ServerOrder _servers = new(node, servers);
    private readonly Backoff _backoff = new(random);
    private int _failures;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        streams.Note(null);
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = await ConnectAsync(cancellationToken);
            streams.Note(null);
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <returns>How long to wait before the next attempt.</returns>
    private async Task<TimeSpan> ConnectAsync(CancellationToken cancellationToken)
    {
        var server = _servers.Current;
        try
        {
            var end = await streams.RunAsync(server, () => Connected(server), cancellationToken);
            if (end.ReconnectWithin is { } within)
            {
                _servers.Leave(end.Server);
                return random.NextDouble() * within;
            }

            return Failed(server, "the stream ended");
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.AlreadyExists or StatusCode.PermissionDenied or StatusCode.Unauthenticated or StatusCode.InvalidArgument)
        {
            var wait = _backoff.AfterRefusal();
            if (IsWorthALine())
            {
                AgentLog.Rejected(logger, server, wait.TotalSeconds, e.Status.Detail);
            }

            return wait;
        }
        catch (Exception e) when (e is RpcException or HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            return Failed(server, Words(e));
        }
        catch (RpcException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private void Connected(Uri server)
    {
        _backoff.Reset();
        _failures = 0;
        streams.Note(server);
        AgentLog.Connected(logger, server);
    }

    private TimeSpan Failed(Uri server, string words)
    {
        _servers.Advance();
        var wait = _backoff.Next();
        if (IsWorthALine())
        {
            AgentLog.Disconnected(logger, server, wait.TotalSeconds, words);
        }

        return wait;
    }

    /// <summary>The first, second, fourth, eighth … failure in a row: a silo that is away for hours is not news every few seconds.</summary>
    private bool IsWorthALine() => BitOperations.IsPow2(++_failures);

    /// <summary>"Connection refused" says more than that a subchannel could not be connected, and a certificate's fault more than that TLS failed.</summary>
    private static string Words(Exception failure) => failure is RpcException rpc
        ? $"{rpc.StatusCode}: {rpc.Status.DebugException?.GetBaseException().Message ?? rpc.Status.Detail}"
        : failure.Message;
}
