using Grpc.Core;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>What the agent says.</summary>
internal sealed partial class AgentSession
{
    private const int LongestName = 1024;
    private const int LongestWords = 4096;
    private const int MostNamed = 5;

    /// <summary>A node rests at most so many times as long as it took to apply.</summary>
    private const int ShareOfRest = 4;

    private async Task ReadAsync(CancellationToken cancelled)
    {
        var pace = new Pace(_options.MessagesPerSecond, _time);
        try
        {
            await foreach (var message in _stream.ReadAll(cancelled))
            {
                await pace.WaitAsync(message.CalculateSize(), cancelled);
                await _incoming.Writer.WriteAsync(message, cancelled);
                _wake.Set();
            }

            _incoming.Writer.Complete();
        }
        catch (Exception exception)
        {
            _incoming.Writer.Complete(exception);
        }

        _wake.Set();
    }

    private async Task TakeAsync(AgentMessage message, CancellationToken cancelled)
    {
        switch (message.BodyCase)
        {
            case AgentMessage.BodyOneofCase.Held when _phase == Phase.Asking:
                TakeHeld(message.Held);
                break;
            case AgentMessage.BodyOneofCase.Ack:
                await TakeAckAsync(message.Ack, cancelled);
                break;
            case AgentMessage.BodyOneofCase.Nack:
                TakeNack(message.Nack);
                break;
            case AgentMessage.BodyOneofCase.Report:
                _status.Reported(message.Report);
                _scope.Reports.Take(_hello.Node, Id, message.Report);
                _statusChanged.Set();
                break;
            default:
                throw Reset("protocol", StatusCode.InvalidArgument, $"{message.BodyCase} is not expected now");
        }
    }

    private void TakeHeld(Held held)
    {
        if (held.Resources.Count > _options.HeldResources)
        {
            throw Reset("held", StatusCode.ResourceExhausted, $"held: {held.Resources.Count} resources, of at most {_options.HeldResources}");
        }

        _held.Clear();
        foreach (var resource in held.Resources)
        {
            if (resource.Name.Length > LongestName || resource.Digest.Length is not (0 or Digest.Length))
            {
                throw Reset("protocol", StatusCode.InvalidArgument, "held: a name or a digest of a wrong length");
            }

            _held.Set(
                ResourceId.FromWire(resource.Kind, resource.Name, _hello.Node),
                resource.Digest.IsEmpty ? null : Digest.FromBytes(resource.Digest.Span));
        }

        Hub.CompareAll(_node, _held.Ids);
        _owesSnapshot = true;
        _phase = Phase.Serving;
    }

    private async Task TakeAckAsync(Ack ack, CancellationToken cancelled)
    {
        if (ack.Nonce > _nonce)
        {
            throw Reset("protocol", StatusCode.InvalidArgument, $"ack of update {ack.Nonce}, which was not sent");
        }

        // An ack of an older update that was refused at first: the newer one is under way and says more.
        if (_flight is not { } flight || flight.Nonce != ack.Nonce)
        {
            return;
        }

        Recall(flight);
        _flight = null;
        _mismatches = 0;
        if (ack.HeldDigest.Length != Digest.Length || Digest.FromBytes(ack.HeldDigest.Span) != _held.Digest)
        {
            HeldDiffers(_scope.Logger, _hello.Node, ack.Nonce);
            Hub.Returned(_node, flight.Undo.Select(u => u.Id));
            await AskAsync(cancelled);
            return;
        }

        _scope.Metrics.Acked(_time.GetElapsedTime(flight.SentAt));
        var took = ack.ApplyDuration?.ToTimeSpan() ?? TimeSpan.Zero;
        Rest(took);
        if (flight.IsAll)
        {
            Hub.Arrived(_node, _sendsFrom);
            _status.Applied(took, flight.Endpoints, "");
            _arrived = true;
        }
        else
        {
            Hub.Applied(_node);
            var view = Look();
            _status.Applied(took, view.Endpoints, view.IsReady ? "" : Unknown());
        }

        TellStatus();
    }

    /// <summary>A node that applies in no time may be told at once of what comes next: <see cref="DistributionOptions.MergeWindow"/> keeps kernels from being busy with nothing else.</summary>
    private void Rest(TimeSpan took)
    {
        var rest = Math.Clamp(took.TotalSeconds * ShareOfRest, 0, _options.MergeWindow.TotalSeconds);
        _sendsFrom = Math.Min(_sendsFrom, _time.GetTimestamp() + (long)(rest * _time.TimestampFrequency));
    }

    private void TakeNack(Nack nack)
    {
        _scope.Metrics.Nacked(nack.Reason.ToString());
        if (_flight is not { } flight || flight.Nonce != nack.Nonce)
        {
            return;
        }

        Recall(flight);
        if (nack.Reason == Nack.Types.Reason.BaseMismatch)
        {
            TakeMismatch(nack, flight);
            return;
        }

        // The agent holds the update and goes on trying; its ack may still come, or a newer update may help.
        _flight = flight with { IsRefused = true };
        var words = nack.Message.Length <= LongestWords ? nack.Message : nack.Message[..LongestWords];
        Hub.Failed(_node, words);
        _status.Failed(words);
        TellStatus();
        UpdateRefused(_scope.Logger, _hello.Node, nack.Nonce, nack.Reason, words);
    }

    // With an update that was refused the session may have its turn, or get it at this moment, for what it now takes as said about what the agent holds.
    private void Recall(Flight flight)
    {
        if (flight.IsRefused)
        {
            Hub.Recall(_node);
        }
    }

    /// <summary>Why what the node has is not all that it should have.</summary>
    private string Unknown() => Hub.MissingTenants(_node) switch
    {
        [] => "what concerns the node is not known yet",
        var missing => $"nothing is known yet of {string.Join(", ", missing.Take(MostNamed))}{(missing.Count > MostNamed ? ", …" : "")}",
    };

    // Nothing of the update was taken: what the agent held before, it holds; the resources at fault with a content that is not known.
    private void TakeMismatch(Nack nack, Flight flight)
    {
        if (++_mismatches > MismatchesInARow)
        {
            throw Reset("mismatch", StatusCode.DataLoss, "the agent refuses whole resources: its digests are not ours");
        }

        _flight = null;
        _owesSnapshot = true;
        foreach (var (id, wasHeld, digest) in flight.Undo)
        {
            if (wasHeld)
            {
                _held.Set(id, digest);
            }
            else
            {
                _held.Remove(id);
            }
        }

        var atFault = nack.Resources.Select(r => ResourceId.FromWire(r.Kind, r.Name, _hello.Node)).ToArray();
        foreach (var id in atFault.Length > 0 ? atFault : [.. flight.Undo.Where(u => u.WasHeld).Select(u => u.Id)])
        {
            if (_held.Contains(id))
            {
                _held.Set(id, null);
            }
        }

        Hub.Returned(_node, flight.Undo.Select(u => u.Id).Concat(atFault));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} holds something else than it was sent with update {Nonce}: comparing all")]
    private static partial void HeldDiffers(ILogger logger, string node, ulong nonce);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} did not apply update {Nonce} ({Reason}): {Failure}")]
    private static partial void UpdateRefused(ILogger logger, string node, ulong nonce, Nack.Types.Reason reason, string failure);
}
