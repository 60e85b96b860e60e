using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Conntrack;
using Vallum.NodeAgent.Enforcement;
using Vallum.NodeAgent.Held;
using Vallum.NodeAgent.Interfaces;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Reporting;
using Vallum.NodeAgent.Status;

namespace Vallum.NodeAgent;

/// <summary>
/// What a node holds and enforces, with or without a control plane. An update is checked, decoded, put into the kernel, acknowledged, and then written to
/// disk and read back. Everything here happens one at a time.
/// </summary>
internal sealed class Agent : IDisposable
{
    // Every so many checks the members are read, not only counted.
    private const int ChecksPerFullCheck = 20;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly AgentOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Enforcer _enforcer;
    private readonly ReadingBack _readingBack;
    private readonly DesiredState _desired;
    private readonly Admission _admission;
    private readonly StatusBoard _status;
    private readonly LinkWatch _links;
    private readonly Troubles _troubles;

    private ulong? _nonceWithoutAck;
    private int _checks;

    /// <param name="links">The node's interfaces; null: this machine's.</param>
    /// <param name="desired">What the state directory holds, opened already; null: it is opened at the start. Disposed with the agent.</param>
    public Agent(AgentOptions options, IKernel kernel, TimeProvider time, ILogger logger, ILinks? links = null, DesiredState? desired = null)
    {
        (_options, _time, _logger) = (options, time, logger);
        _enforcer = new Enforcer(kernel, options.Render);
        _readingBack = new ReadingBack(_enforcer, RepairAsync, time);
        _desired = desired ?? new DesiredState(options.StateLogPath, logger);
        _admission = new Admission(_desired, logger);
        _status = new StatusBoard(options.Node, time);
        _links = new LinkWatch(links ?? new SystemLinks(), options.ShowBridged);
        Findings = new Findings(time);
        _troubles = new Troubles(_status, Findings, logger);
    }

    /// <summary>Messages that answer nothing: an Ack after a failure, a report. Lost where nobody listens.</summary>
    public event Action<AgentMessage>? Later;

    /// <summary>The kernel holds nothing of ours, as after a boot: it is fenced first, where the options ask for that.</summary>
    public bool KernelIsBare { get; init; }

    /// <summary>Ends flows that a change no longer allows; null: they go on.</summary>
    public Revoker? Revoker { get; init; }

    public AgentStatus Status => _status.Current;

    public bool InSync => _enforcer.InSync;

    /// <summary>What is held, and enforced when <see cref="InSync"/>.</summary>
    public NodeState State => _desired.State;

    /// <summary>What rules the kernel is known to hold; null while that is not known.</summary>
    public Rendering? InKernel => _enforcer.InKernel;

    public Findings Findings { get; }

    /// <summary>How many streams have begun in this run.</summary>
    public ulong Streams { get; private set; }

    /// <summary>Whether what is said now goes on a stream.</summary>
    public bool IsHeard => Later is not null;

    public int HeldCount => _desired.Count;

    /// <summary>Reads the state directory and enforces what is in it, without asking anybody.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        _desired.Open();
        if (KernelIsBare && (_options.Fence == BootFence.Closed || (_options.Fence == BootFence.Auto && _desired.IsComplete)))
        {
            await FenceAsync(cancellationToken);
        }

        if (_desired.IsComplete && await TryAsync(_enforcer.EnforceAsync, cancellationToken) is null)
        {
            var elapsed = _time.GetElapsedTime(start);
            AgentLog.Resumed(_logger, _desired.Count, elapsed);
            await SweepAsync(cancellationToken);
        }
    }

    public void NoteConnection(Uri? server) => _status.NoteConnection(server);

    public void NoteBackend(string backend) => _status.Note(s => s with { Backend = backend });

    public void NoteCapabilities(Capabilities found) => _status.Note(s => s with { Capabilities = [.. found.Present], Missing = [.. found.Missing] });

    /// <summary>A new stream begins: the nonces of the one before mean nothing on it.</summary>
    public void ForgetNonce()
    {
        _nonceWithoutAck = null;
        Streams++;
    }

    /// <summary>Sends a message that answers nothing, if there is a stream.</summary>
    public void Say(AgentMessage message) => Later?.Invoke(message);

    public byte[] HeldDigest() => _desired.Total.ToBytes();

    public Contracts.Agent.V1.Held ListHeld() => _desired.List();

    /// <summary>
    /// Takes updates in order, each as its parts, and puts what they come to into the kernel in one go. <paramref name="answer"/> is given each answer as
    /// soon as it is known: a refusal for each update that is refused, one Ack for all the others.
    /// </summary>
    public async Task TakeAsync(IEnumerable<IReadOnlyList<Update>> updates, Action<AgentMessage> answer, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var start = _time.GetTimestamp();
            ulong? last = null;
            foreach (var parts in updates)
            {
                last = _admission.Hold(parts, answer) ? parts[^1].Nonce : last;
            }

            if (last is { } nonce && _desired.IsComplete)
            {
                await ApplyAsync(nonce, start, answer, cancellationToken);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>After a failure: tries again, and reads back what it did. Does nothing when the kernel is as wanted.</summary>
    public async Task RetryAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_enforcer.InSync || await TryAsync(_enforcer.EnforceVerifiedAsync, cancellationToken) is not null)
            {
                return;
            }

            AgentLog.AppliedAgain(_logger);
            if (_nonceWithoutAck is { } nonce)
            {
                Later?.Invoke(Answers.Ack(nonce, TimeSpan.Zero, _desired.Total));
                _nonceWithoutAck = null;
            }

            _desired.Save();
            await SweepAsync(cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Compares the kernel with what was written and puts back what differs.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) =>
        RepairAsync(() => _enforcer.RepairAsync(everyMember: ++_checks % ChecksPerFullCheck == 0, cancellationToken), cancellationToken);

    /// <summary>Reads back what is committed, whenever something was; returns only when cancelled.</summary>
    public Task VerifyCommitsAsync(CancellationToken cancellationToken) => _readingBack.RunAsync(cancellationToken);

    /// <summary>Reads back what is committed and was not yet read.</summary>
    public Task VerifyAsync(CancellationToken cancellationToken) => _readingBack.OnceAsync(cancellationToken);

    /// <summary>Looks whether the endpoints' interfaces are still where they were, in or out of bridges.</summary>
    public async Task LookAtLinksAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_desired.IsComplete && _links.Look() && await TryAsync(_enforcer.EnforceAsync, cancellationToken) is null)
            {
                await SweepAsync(cancellationToken);
            }
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
        _desired.Dispose();
        _oneAtATime.Dispose();
        _readingBack.Dispose();
    }

    private async Task ApplyAsync(ulong nonce, long start, Action<AgentMessage> answer, CancellationToken cancellationToken)
    {
        if (await TryAsync(_enforcer.EnforceAsync, cancellationToken) is { } failure)
        {
            _nonceWithoutAck = nonce;
            answer(_admission.Refuse(nonce, Nack.Types.Reason.ApplyFailed, failure.Message, []));
            return;
        }

        _nonceWithoutAck = null;
        var elapsed = _time.GetElapsedTime(start);
        answer(Answers.Ack(nonce, elapsed, _desired.Total));

        // Behind the ack, which says "in the kernel": disk, log, status and what is of no use any more keep nobody waiting.
        _desired.Save();
        AgentLog.Applied(_logger, nonce, elapsed);
        _status.Note(s => s with { LastApply = elapsed });
        await SweepAsync(cancellationToken);
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _enforcer.SweepAsync(cancellationToken);
        }
        catch (KernelFailedException e)
        {
            _troubles.Failed(e);
        }
    }

    private async Task FenceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _enforcer.FenceAsync(_links.On(_desired.State), cancellationToken);
            _readingBack.Note();
            AgentLog.Fenced(_logger, _desired.State.Bindings.Length);
        }
        catch (KernelFailedException e)
        {
            _troubles.Failed(e);
        }
    }

    /// <summary>Null when what is held is in the kernel.</summary>
    private async Task<KernelFailedException?> TryAsync(
        Func<NodeState, CancellationToken, Task> apply, CancellationToken cancellationToken)
    {
        try
        {
            var state = _links.On(_desired.State);
            await (Revoker?.SettleAsync() ?? Task.CompletedTask);
            await apply(state, cancellationToken);
            await (Revoker?.FollowAsync(state) ?? Task.CompletedTask);
            _troubles.Warned(_links.Warning);
            var now = _time.GetUtcNow();
            _status.Note(s => s with
            {
                AppliedDigest = _desired.Total.ToString(),
                AppliedAt = now,
                Endpoints = _desired.State.Bindings.Length,
                LastError = null,
                EndedFlows = Revoker?.Ended ?? 0,
                RevocationFailure = Revoker?.Failure,
            });
            _readingBack.Note();
            return null;
        }
        catch (KernelFailedException e)
        {
            _troubles.Failed(e);
            return e;
        }
    }

    /// <summary>False when the kernel refused.</summary>
    private async Task<bool> RepairAsync(Func<Task<ImmutableArray<string>>> repair, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            _troubles.Differed(await repair(), _enforcer.InSync);
            return true;
        }
        catch (KernelFailedException e)
        {
            _troubles.Failed(e);
            return false;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
