using System.Threading.Channels;
using Grpc.Core;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Agents;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Content;
using Vallum.Silo.Distribution.Hub;
using Vallum.Silo.Hosting;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>
/// One agent's stream: compares what the agent holds with what its node should hold, and sends the difference. One writer, one update in flight; behind
/// it nothing queues, the next update is derived from what is then wanted.
/// </summary>
internal sealed partial class AgentSession
{
    // An update that is under way for so long is looked after.
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);
    private const int IncomingMessages = 16;
    private const int MismatchesInARow = 3;

    /// <summary>A capability: the agent goes to the server that a Drain names.</summary>
    private const string Moves = "moves";

    private readonly Channel<AgentMessage> _incoming =
        Channel.CreateBounded<AgentMessage>(new BoundedChannelOptions(IncomingMessages) { SingleReader = true, SingleWriter = true });

    private readonly HeldResources _held = new();
    private readonly IAgentStream _stream;
    private readonly Hello _hello;
    private readonly SessionScope _scope;
    private readonly DistributionOptions _options;
    private readonly TimeProvider _time;
    private readonly AsyncSignal _wake;
    private readonly AsyncSignal _statusChanged;
    private readonly AsyncSignal _statusUrgent;
    private readonly SessionStatus _status;
    private readonly ServedNode _node;
    private readonly long _startedAt;
    private Phase _phase = Phase.Loading;
    private Flight? _flight;
    private ulong _nonce;
    private bool _owesSnapshot = true;
    private long _sendsFrom;
    private bool _arrived;
    private long _askedAt;
    private int _mismatches;
    private volatile string? _sentTo;

    public AgentSession(IAgentStream stream, Hello hello, string id, SessionScope scope)
    {
        (_stream, _hello, Id, _scope, _options, _time) = (stream, hello, id, scope, scope.Options, scope.Time);
        _wake = new AsyncSignal(_time);
        _statusChanged = new AsyncSignal(_time);
        _statusUrgent = new AsyncSignal(_time);
        _status = new SessionStatus(hello, scope.Silo.Name, _time);
        _startedAt = _time.GetTimestamp();
        _node = scope.Hub.Serve(hello.Node, _wake, _held);
    }

    private enum Phase
    {
        /// <summary>The node's tenants are being pulled.</summary>
        Loading,

        /// <summary>The agent was asked what it holds.</summary>
        Asking,

        Serving,
    }

    public string Id { get; }

    /// <summary>The agent connects where a Drain names, and has told all it had to before it was asked.</summary>
    public bool IsMovable => _phase == Phase.Serving && _hello.Capabilities.Contains(Moves);

    /// <summary>Null: the agent has applied all that it should.</summary>
    public TimeSpan? BehindFor => _status.BehindFor;

    /// <summary>Ends the stream; the agent is told to connect to <paramref name="server"/> at once.</summary>
    public void SendTo(string server)
    {
        _sentTo = server;
        _wake.Set();
    }

    private ResourceHub Hub => _scope.Hub;

    /// <summary>Returns when the agent has closed its side or <paramref name="draining"/> is cancelled and the agent was told.</summary>
    /// <exception cref="RpcException">The call is to be ended with this status.</exception>
    public async Task RunAsync(CancellationToken draining, CancellationToken cancelled)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        using var drains = draining.Register(_wake.Set);
        using var ends = cancelled.Register(_wake.Set);
        var tenants = FollowTenantsAsync(ended.Token);
        var reader = ReadAsync(ended.Token);
        var status = ReportStatusAsync(ended.Token);
        try
        {
            await ServeAsync(draining, ended.Token);
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(tenants, reader, status).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Hub.Release(_node);
            _scope.Reports.Ended(_hello.Node, Id);
        }
    }

    private async Task ServeAsync(CancellationToken draining, CancellationToken cancelled)
    {
        await WelcomeAsync(cancelled);
        while (true)
        {
            cancelled.ThrowIfCancellationRequested();
            while (_incoming.Reader.TryRead(out var message))
            {
                await TakeAsync(message, cancelled);
            }

            if (draining.IsCancellationRequested)
            {
                await WriteAsync(new ControlMessage { Drain = new Drain { ReconnectWithin = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(_scope.ReconnectWithin) } }, cancelled);
                return;
            }

            if (_sentTo is { } server)
            {
                await WriteAsync(new ControlMessage { Drain = new Drain { ReconnectWithin = new(), Server = server } }, cancelled);
                return;
            }

            if (_incoming.Reader.Completion.IsCompleted)
            {
                await _incoming.Reader.Completion;
                return;
            }

            // Whoever has its turn has sent after this; else it is woken when it is its turn, or something else is to be looked at.
            await LookAsync(cancelled);
            await _wake.WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
        }
    }

    private async Task WelcomeAsync(CancellationToken cancelled)
    {
        if (_hello.NewestProtocol > 0 && ProtocolLevels.Own.InCommonWith(ProtocolLevels.Said(_hello.OldestProtocol, _hello.NewestProtocol)) is { } level)
        {
            await WriteAsync(new ControlMessage { Welcome = new Welcome { Protocol = level, SiloVersion = SiloProcess.Version } }, cancelled);
        }
    }

    private async Task LookAsync(CancellationToken cancelled)
    {
        if (_node.Step is { } step)
        {
            _node.Step = null;
            await SendAsync(step, cancelled);
            return;
        }

        if (IsOrdinary())
        {
            return;
        }

        var view = Look();
        if (_phase == Phase.Loading && (view.IsReady || _time.GetElapsedTime(_startedAt) >= _options.SnapshotWait))
        {
            await CompareAsync(cancelled);
            view = Look();
        }

        if (_status.HostsApplied(view.HostRevision))
        {
            TellStatus();
        }

        // What was missing may turn out to be nothing: then there is no update whose ack would say so.
        if (!_status.IsComplete && _phase == Phase.Serving && _flight is null && view is { HasChanges: false, IsReady: true })
        {
            _status.Completed();
            TellStatus();
        }

        if (_phase == Phase.Asking && _time.GetElapsedTime(_askedAt) >= _options.HelloDeadline)
        {
            throw Reset("held", StatusCode.DeadlineExceeded, "the agent did not say what it holds");
        }

        if (_flight is { IsRefused: false } flight && _time.GetElapsedTime(flight.SentAt) >= _options.AckDeadline)
        {
            throw Reset("ack", StatusCode.DeadlineExceeded, $"update {flight.Nonce} was not acknowledged in time");
        }
    }

    /// <summary>An update is under way whose ack says all there is to say, or that ack has just come: nothing needs a look, for which all sessions would share one lock.</summary>
    private bool IsOrdinary()
    {
        var arrived = _arrived;
        _arrived = false;
        return arrived || (_flight is { IsAll: true, IsRefused: false } flight && _time.GetElapsedTime(flight.SentAt) < LongestRest);
    }

    private NodeView Look() => Hub.Look(_node, _phase == Phase.Serving && _flight is not { IsRefused: false } ? _sendsFrom : null, _owesSnapshot);

    // Equal digests: the agent holds exactly what it should, whatever happened since it was last connected.
    private async Task CompareAsync(CancellationToken cancelled)
    {
        var held = _hello.HeldDigest.IsEmpty ? Digest.Empty : Digest.FromBytes(_hello.HeldDigest.Span);
        var wanted = Hub.Wanted(_node);
        if (held == wanted.Aggregate(Digest.Empty, (sum, r) => sum + ContentDigest.OfHeld(r.Id, r.Digest)))
        {
            foreach (var (id, digest) in wanted)
            {
                _held.Set(id, digest);
            }

            _phase = Phase.Serving;
        }
        else if (held == Digest.Empty)
        {
            _phase = Phase.Serving;
        }
        else
        {
            await AskAsync(cancelled);
        }
    }

    private async Task AskAsync(CancellationToken cancelled)
    {
        _phase = Phase.Asking;
        _askedAt = _time.GetTimestamp();
        await WriteAsync(new ControlMessage { ListHeld = new ListHeld() }, cancelled);
    }

    private async Task SendAsync(NodeStep step, CancellationToken cancelled)
    {
        if (step.IsEmpty && !_owesSnapshot)
        {
            SendNothing();
            return;
        }

        var now = _time.GetTimestamp();
        _owesSnapshot = false;
        _flight = new Flight(++_nonce, Hold(step), now) { IsAll = step.IsAll, Endpoints = step.Endpoints };
        _sendsFrom = now + (long)(_options.MergeWindow.TotalSeconds * _time.TimestampFrequency);
        _status.Behind(step.Endpoints);
        var parts = UpdateParts.Of(_nonce, step, _held.Digest, _options.PartBytes);
        if (step.Bytes > _options.SnapshotBytes)
        {
            // A turn is for what takes a moment.
            Hub.Sent(_node);
            using var slot = await _scope.Snapshots.EnterAsync(cancelled);
            await WriteAsync(parts, cancelled);
        }
        else
        {
            var written = WriteAsync(parts, cancelled);
            Hub.Sent(_node);
            await written;
        }

        _scope.Metrics.Sent(step);
        _flight = _flight with { SentAt = _time.GetTimestamp() };
    }

    // What had changed is again as the agent has it.
    private void SendNothing()
    {
        if (_flight is null)
        {
            Hub.Arrived(_node, _sendsFrom);
        }
        else
        {
            Hub.Sent(_node);
            Look();
        }
    }

    private async Task WriteAsync(IReadOnlyList<ControlMessage> parts, CancellationToken cancelled)
    {
        foreach (var part in parts)
        {
            await WriteAsync(part, cancelled);
        }
    }

    private List<(ResourceId, bool, Digest?)> Hold(NodeStep step)
    {
        var undo = new List<(ResourceId, bool, Digest?)>(step.Sends.Length + step.Removed.Length);
        foreach (var (id, resource) in step.Sends)
        {
            undo.Add((id, _held.Contains(id), _held[id]));
            _held.Set(id, resource.Digest);
        }

        foreach (var id in step.Removed)
        {
            undo.Add((id, true, _held[id]));
            _held.Remove(id);
        }

        return undo;
    }

    // A peer that stops reading is not dropped by the server; a write then hangs for as long as it likes.
    private async Task WriteAsync(ControlMessage message, CancellationToken cancelled)
    {
        try
        {
            await _stream.Write(message, cancelled).WaitAsync(_options.WriteDeadline, _time, cancelled);
        }
        catch (TimeoutException)
        {
            _stream.Abort();
            throw Reset("write", StatusCode.DeadlineExceeded, "the agent does not read");
        }
    }

    private RpcException Reset(string cause, StatusCode status, string detail)
    {
        _scope.Metrics.Reset(cause);
        return new RpcException(new Status(status, detail));
    }
}
