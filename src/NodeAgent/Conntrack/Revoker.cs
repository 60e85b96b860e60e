using Microsoft.Extensions.Logging;
using Vallum.Dataplane.Judging;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Revocation;
using Vallum.NodeAgent.Netlink;

namespace Vallum.NodeAgent.Conntrack;

/// <summary>
/// Ends the flows that a change revokes, once the change is in the kernel: what is ended before would come back. One caller at a time.
/// </summary>
/// <param name="open">Opens the kernel's table of flows.</param>
internal sealed class Revoker(Func<ConntrackTable> open, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    // A packet that the old rules let pass may not yet have its flow in the table; it is there within microseconds.
    private static readonly TimeSpan UntilSecondPass = TimeSpan.FromMilliseconds(20);

    // More are left to their time.
    private const int MostRemembered = 65_536;

    private readonly List<(Flow Flow, Hold Hold)> _held = [];
    private CuttingProfiles? _enforced;
    private Judge? _judge;
    private Task _secondPass = Task.CompletedTask;
    private string? _failure;
    private bool _saidNoHolds;
    private long _ended;

    /// <summary>Flows ended so far.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>Why flows cannot be ended; null: they can, as far as is known.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>
    /// Ends what the change to <paramref name="state"/> revokes, compared with the state of the call before; the first call only takes note. Returns
    /// after the first pass.
    /// </summary>
    public async Task FollowAsync(NodeState state)
    {
        if (_enforced is null)
        {
            _enforced = CuttingProfiles.Empty.Follow(state);
            return;
        }

        var (before, after) = (_enforced, _enforced.Follow(state));
        _enforced = after;
        var scope = RevocationScope.Between(before, after);
        if (scope.IsEmpty && _held.Count == 0)
        {
            return;
        }

        await _secondPass;
        var then = ReferenceEquals(_judge?.State, before.State) ? _judge! : new Judge(before.State, _judge);
        _judge = new Judge(state, then);
        Release(_judge);
        if (!scope.IsEmpty)
        {
            var revoked = scope.NeedsVerdicts ? new RevokedFlows(then, _judge) : null;
            Pass(scope, revoked);
            _secondPass = PassAgainAsync(scope, revoked);
        }
    }

    /// <summary>
    /// Returns when nothing is left to be ended, within 20 ms: to be awaited before the kernel takes another state, for flows that the new one brings must
    /// not be taken for old ones. An endpoint that left may be back.
    /// </summary>
    public Task SettleAsync() => _secondPass;

    public async ValueTask DisposeAsync() => await _secondPass;

    private async Task PassAgainAsync(RevocationScope scope, RevokedFlows? revoked)
    {
        await Task.Delay(UntilSecondPass, time);
        Pass(scope, revoked);
    }

    private void Pass(RevocationScope scope, RevokedFlows? revoked)
    {
        var start = time.GetTimestamp();
        try
        {
            using var table = open();
            var ending = new FlowEnding(table, scope, revoked);
            var ended = ending.Run();
            Interlocked.Add(ref _ended, ended);
            _held.AddRange(ending.Held.Take(MostRemembered - _held.Count));
            if (ended > 0)
            {
                var elapsed = time.GetElapsedTime(start);
                RevocationLog.Ended(logger, ended, elapsed);
            }

            if (ending.HoldError != 0 && !_saidNoHolds)
            {
                _saidNoHolds = true;
                var words = NetlinkException.Words(ending.HoldError);
                RevocationLog.NoHolds(logger, words);
            }

            _failure = null;
        }
        catch (NetlinkException e)
        {
            if (_failure != e.Message)
            {
                RevocationLog.NotPossible(logger, e.Message);
            }

            _failure = e.Message;
        }
    }

    /// <summary>What is allowed again is held no longer.</summary>
    private void Release(Judge judge)
    {
        var free = _held.Where(h => judge.Decide(h.Flow).Allowed).ToArray();
        if (free.Length == 0)
        {
            return;
        }

        _held.RemoveAll(h => judge.Decide(h.Flow).Allowed);
        try
        {
            using var table = open();
            foreach (var (_, hold) in free)
            {
                table.Remove(hold);
            }
        }
        catch (NetlinkException e)
        {
            RevocationLog.NotPossible(logger, e.Message);
        }
    }
}
