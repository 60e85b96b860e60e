using Grpc.Core;
using Vallum.Cluster.Status;
using Vallum.Silo.Grains;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>What the node's owner is asked and told.</summary>
internal sealed partial class AgentSession
{
    private static readonly TimeSpan RetryOwner = TimeSpan.FromMilliseconds(200);

    // A status that changes with every update is told at most this often; that the node is in sync now, or no more, as soon as the last word is there.
    private static readonly TimeSpan StatusWindow = TimeSpan.FromSeconds(1);

    // As the node's owner knows it.
    private volatile AgentStatus? _told;

    /// <summary>True: this session serves the node. False: another agent instance's does.</summary>
    /// <remarks>
    /// The node's owner is where its last session was, and so goes with a silo that dies: until that is noticed the agent is better kept here than sent away
    /// to the next silo, which asks the same owner.
    /// </remarks>
    public Task<bool> AttachAsync(CancellationToken cancellationToken) => Retry.WithinAsync(
        _options.HelloDeadline,
        _time,
        () => _scope.Nodes.Attach(_hello.Node, Id, _hello.InstanceId, _status.Current, cancellationToken),
        cancellationToken);

    /// <summary>For a session that was never run.</summary>
    public void Abandon() => Hub.Release(_node);

    private async Task FollowTenantsAsync(CancellationToken cancelled)
    {
        // Versions are the owner's: its first answer must come at once, whatever they are.
        var version = -1L;
        while (!cancelled.IsCancellationRequested)
        {
            try
            {
                var tenants = await _scope.Nodes.Tenants(_hello.Node, version, _options.PullWait, cancelled);
                if (tenants.Version != version)
                {
                    version = tenants.Version;
                    Hub.SetTenants(_node, tenants.Tenants);
                }
            }
            catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
            {
            }
            catch (Exception exception)
            {
                OwnerFailed(_scope.Logger, _hello.Node, exception);
                await Task.Delay(RetryOwner, _time, cancelled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ReportStatusAsync(CancellationToken cancelled)
    {
        while (!cancelled.IsCancellationRequested)
        {
            await _statusChanged.WaitAsync(_options.KeepAlive, cancelled);
            if (cancelled.IsCancellationRequested)
            {
                return;
            }

            try
            {
                var status = _status.Current;
                if (!await _scope.Nodes.Report(_hello.Node, Id, status, cancelled))
                {
                    _incoming.Writer.TryComplete(Reset("takeover", StatusCode.Aborted, "another session serves the node now"));
                    _wake.Set();
                    return;
                }

                _told = status;
            }
            catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
            {
            }
            catch (Exception exception)
            {
                _told = null;
                _statusChanged.Set();
                OwnerFailed(_scope.Logger, _hello.Node, exception);
            }

            if (!IsUrgent)
            {
                await _statusUrgent.WaitAsync(StatusWindow, cancelled);
            }
        }
    }

    private bool IsUrgent => _told is { } told && _status.IsUrgentAfter(told);

    private void TellStatus()
    {
        _statusChanged.Set();
        if (IsUrgent)
        {
            _statusUrgent.Set();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node}'s owner could not be reached; trying again")]
    private static partial void OwnerFailed(ILogger logger, string node, Exception exception);
}
