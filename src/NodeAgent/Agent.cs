using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Decoding;
using Vallum.NodeAgent.Enforcement;
using Vallum.NodeAgent.Held;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;
using Vallum.NodeAgent.Status;

namespace Vallum.NodeAgent;

/// <summary>
/// What a node holds and enforces, with or without a control plane. An update is checked, decoded, put into the kernel, written to disk and then
/// acknowledged. Everything here happens one at a time.
/// </summary>
internal sealed class Agent(AgentOptions options, IKernel kernel, TimeProvider time, ILogger logger) : IDisposable
{
    // Every so many checks the members are read, not only counted.
    private const int ChecksPerFullCheck = 20;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Enforcer _enforcer = new(kernel, options.Render);

    // Held, but not yet in the kernel and so not on disk.
    private readonly List<Update> _unsaved = [];

    private readonly Lock _statusLock = new();

    private HeldResources _held = new();
    private NodeStateDecoder _decoder = new();
    private StateLog? _log;
    private ulong? _nonceWithoutAck;

    // True once the control plane has said that nothing is missing, in this run or an earlier one: before that nothing is enforced.
    private bool _complete;
    private int _checks;

    /// <summary>Messages that answer nothing: an Ack after a failure, a report. Lost where nobody listens.</summary>
    public event Action<AgentMessage>? Later;

    /// <summary>The kernel holds nothing of ours, as after a boot: it is fenced first, where the options ask for that.</summary>
    public bool KernelIsBare { get; init; }

    public AgentStatus Status { get; private set; } = new() { Node = options.Node };

    public bool InSync => _enforcer.InSync;

    /// <summary>Reads the state directory and enforces what is in it, without asking anybody.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            _log = StateLog.Open(options.StateLogPath, Replay);
        }
        catch (Exception e) when (e is BaseMismatchException or MalformedResourceException or InvalidProtocolBufferException)
        {
            // A file of another version: nothing of it may be half used. What the kernel holds stays until the control plane has said everything.
            AgentLog.LeftAside(logger, e.Message);
            File.Move(options.StateLogPath, options.StateLogPath + ".unreadable", overwrite: true);
            _held = new HeldResources();
            _decoder = new NodeStateDecoder();
            _complete = false;
            _log = StateLog.Open(options.StateLogPath, Replay);
        }

        if (KernelIsBare && (options.Fence == BootFence.Closed || (options.Fence == BootFence.Auto && _complete)))
        {
            await FenceAsync(cancellationToken);
        }

        if (_complete && await TryApplyAsync(cancellationToken) is null)
        {
            var elapsed = time.GetElapsedTime(start);
            AgentLog.Resumed(logger, _held.Count, elapsed);
        }
    }

    /// <param name="server">The silo that answered; null when the stream to it is gone.</param>
    public void NoteConnection(Uri? server)
    {
        var now = time.GetUtcNow();
        Note(s => s.Since is not null && s.ConnectedTo == server?.ToString() ? s : s with { ConnectedTo = server?.ToString(), Since = now });
    }

    public void NoteBackend(string backend) => Note(s => s with { Backend = backend });

    /// <summary>A new stream begins: the nonces of the one before mean nothing on it.</summary>
    public void ForgetNonce() => _nonceWithoutAck = null;

    /// <summary>Sends a message that answers nothing, if there is a stream.</summary>
    public void Say(AgentMessage message) => Later?.Invoke(message);

    public byte[] HeldDigest() => _held.Total.ToBytes();

    public int HeldCount => _held.Count;

    public Contracts.Agent.V1.Held ListHeld() => new()
    {
        Resources =
        {
            _held.All.Select(r => new ResourceVersion
            {
                Kind = r.Key.Kind,
                Name = r.Key.Name,
                Digest = ByteString.CopyFrom(r.Value.Digest.ToBytes()),
            }),
        },
    };

    /// <summary>Takes an update, given as its parts, and answers it.</summary>
    public async Task<ImmutableArray<AgentMessage>> TakeAsync(IReadOnlyList<Update> parts, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return await AnswerAsync(parts, cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>After a failure: tries again. Does nothing when the kernel is as wanted.</summary>
    public async Task RetryAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_enforcer.InSync || await TryApplyAsync(cancellationToken) is not null)
            {
                return;
            }

            AgentLog.AppliedAgain(logger);
            Save();
            if (_nonceWithoutAck is { } nonce)
            {
                Later?.Invoke(Answers.Ack(nonce, TimeSpan.Zero, _held.Total));
                _nonceWithoutAck = null;
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Compares the kernel with what was written and puts back what differs.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var differences = await _enforcer.RepairAsync(everyMember: ++_checks % ChecksPerFullCheck == 0, cancellationToken);
            foreach (var difference in differences)
            {
                AgentLog.Repaired(logger, difference);
            }

            Note(s => s with { DriftRepairs = s.DriftRepairs + (ulong)differences.Length, LastError = null });
        }
        catch (Exception e) when (e is CommandFailedException or KernelMismatchException)
        {
            Fail(e);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public NodeReport Report()
    {
        var wanted = _enforcer.Wanted;
        return new NodeReport
        {
            DriftRepairs = Status.DriftRepairs,
            LastError = Status.LastError ?? "",
            Chains = (uint)(wanted.V4.Chains.Count + wanted.V6.Chains.Count),
            Sets = (uint)wanted.Sets.Count,
            Members = (ulong)wanted.Sets.Values.Sum(s => (long)s.Members.Count),
        };
    }

    public void Dispose()
    {
        _log?.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task<ImmutableArray<AgentMessage>> AnswerAsync(IReadOnlyList<Update> parts, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var nonce = parts[^1].Nonce;
        var answers = ImmutableArray.CreateBuilder<AgentMessage>();
        try
        {
            var change = _held.Check(parts);
            var unknown = _decoder.Take(change, _held);
            _held.Commit(change);
            _unsaved.AddRange(parts);
            if (!unknown.IsEmpty)
            {
                answers.Add(Refuse(nonce, Nack.Types.Reason.Unsupported,
                    $"held, and read closed: {string.Join("; ", unknown.Select(u => $"{u.Resource} has {u.What}"))}", unknown.Select(u => u.Resource)));
            }
        }
        catch (BaseMismatchException e)
        {
            return [Refuse(nonce, Nack.Types.Reason.BaseMismatch, e.Message, e.Resources)];
        }
        catch (MalformedResourceException e)
        {
            return [Refuse(nonce, Nack.Types.Reason.Unsupported, $"not held, it breaks the contract: {e.Message}", [e.Resource])];
        }

        _complete |= parts[^1].EndOfSnapshot;
        if (!_complete)
        {
            return answers.ToImmutable();
        }

        if (await TryApplyAsync(cancellationToken) is { } failure)
        {
            _nonceWithoutAck = nonce;
            answers.Add(Refuse(nonce, Nack.Types.Reason.ApplyFailed, failure.Message, []));
            return answers.ToImmutable();
        }

        _nonceWithoutAck = null;
        Save();
        var elapsed = time.GetElapsedTime(start);
        AgentLog.Applied(logger, nonce, elapsed);
        Note(s => s with { LastApply = elapsed });
        answers.Add(Answers.Ack(nonce, elapsed, _held.Total));
        return answers.ToImmutable();
    }

    private async Task FenceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _enforcer.FenceAsync(_decoder.State, cancellationToken);
            AgentLog.Fenced(logger, _decoder.State.Bindings.Length);
        }
        catch (Exception e) when (e is CommandFailedException or KernelMismatchException)
        {
            Fail(e);
        }
    }

    /// <summary>Null when what is held is in the kernel.</summary>
    private async Task<Exception?> TryApplyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _enforcer.ApplyAsync(_decoder.State, cancellationToken);
            var now = time.GetUtcNow();
            Note(s => s with
            {
                AppliedDigest = _held.Total.ToString(),
                AppliedAt = now,
                Endpoints = _decoder.State.Bindings.Length,
                LastError = null,
            });
            return null;
        }
        catch (Exception e) when (e is CommandFailedException or KernelMismatchException)
        {
            Fail(e);
            return e;
        }
    }

    private void Fail(Exception failure)
    {
        if (Status.LastError != failure.Message)
        {
            AgentLog.NotApplied(logger, failure.Message);
        }

        Note(s => s with { LastError = failure.Message });
    }

    private void Note(Func<AgentStatus, AgentStatus> change)
    {
        lock (_statusLock)
        {
            Status = change(Status);
        }
    }

    private void Replay(IReadOnlyList<Update> parts)
    {
        var change = _held.Check(parts);
        _decoder.Take(change, _held);
        _held.Commit(change);
        _complete = true;
    }

    private void Save()
    {
        try
        {
            _log?.Append(_unsaved);
            _log?.CompactWhenLong(_held);
            _unsaved.Clear();
        }
        catch (IOException e)
        {
            AgentLog.NotPersisted(logger, e.Message);
        }
    }

    private AgentMessage Refuse(ulong nonce, Nack.Types.Reason reason, string words, IEnumerable<ResourceName> resources)
    {
        AgentLog.Refused(logger, nonce, reason.ToString(), words);
        return Answers.Nack(nonce, reason, words, resources);
    }
}
