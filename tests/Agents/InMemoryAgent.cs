using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Agents;

/// <summary>
/// An agent whose kernel is its memory. It outlives its streams: <see cref="RunAsync"/> serves one stream, and the next one finds what the last one left.
/// It refuses what does not fit, and remembers as a fault everything that agent.proto promises and an update did not keep.
/// </summary>
public sealed class InMemoryAgent(string node)
{
    private readonly List<string> _faults = [];
    private volatile AgentState _state = AgentState.Empty;

    public string Node => node;

    public string InstanceId { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>What is in the kernel.</summary>
    public AgentState State => _state;

    /// <summary>How the agent behaves with each whole update; default: applies it.</summary>
    public Func<Update, Task<Conduct>> Decide { get; set; } = _ => Task.FromResult(Conduct.Apply);

    /// <summary>Until this has happened, the kernel refuses what <see cref="Decide"/> answers with <see cref="Conduct.Refuse"/>.</summary>
    public Task Refused { get; set; } = Task.CompletedTask;

    /// <summary>Called with each state that has come into the kernel.</summary>
    public Action<AgentState>? Applied { get; set; }

    /// <summary>Promises that were not kept.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public int Updates { get; private set; }

    /// <summary>Resources received, whole or as a delta.</summary>
    public int Received { get; private set; }

    public int Wholes { get; private set; }

    public int Removals { get; private set; }

    public int Asked { get; private set; }

    public bool WasDrained { get; private set; }

    /// <summary>It goes where it is sent.</summary>
    public bool Moves { get; init; }

    /// <summary>It enforces policies about its node.</summary>
    public bool KnowsHostPolicies { get; init; }

    /// <summary>Where the last stream's end sent it; null: nowhere.</summary>
    public string? SentTo { get; private set; }

    public Hello Hello() => new()
    {
        Node = node,
        InstanceId = InstanceId,
        BootId = "boot",
        AgentVersion = "test",
        Backend = "memory",
        Capabilities = { (string[])[.. Moves ? (string[])["moves"] : [], .. KnowsHostPolicies ? (string[])["host-policies"] : []] },
        HeldDigest = UnsafeByteOperations.UnsafeWrap(_state.Digest.ToBytes()),
    };

    /// <summary>Forgets everything, as a machine that was made anew.</summary>
    public void Forget() => _state = AgentState.Empty;

    /// <summary>Serves one stream, Hello first, until the control plane ends it.</summary>
    public async Task RunAsync(Func<AgentMessage, Task> send, IAsyncEnumerable<ControlMessage> received, CancellationToken cancellationToken)
    {
        await send(new AgentMessage { Hello = Hello() });
        var parts = new List<Update>();
        await foreach (var message in received.WithCancellation(cancellationToken))
        {
            switch (message.BodyCase)
            {
                case ControlMessage.BodyOneofCase.ListHeld:
                    Asked++;
                    await send(new AgentMessage { Held = ListHeld() });
                    break;
                case ControlMessage.BodyOneofCase.Update:
                    parts.Add(message.Update);
                    if (!message.Update.More)
                    {
                        await TakeAsync([.. parts], send);
                        parts.Clear();
                    }

                    break;
                case ControlMessage.BodyOneofCase.Drain:
                    WasDrained = true;
                    SentTo = message.Drain.Server.Length > 0 ? message.Drain.Server : null;
                    break;
            }
        }
    }

    private Held ListHeld() => new()
    {
        Resources =
        {
            _state.Resources.Values.Select(r => new ResourceVersion { Kind = r.Kind, Name = r.Name, Digest = UnsafeByteOperations.UnsafeWrap(r.Digest.ToBytes()) }),
        },
    };

    private async Task TakeAsync(ImmutableArray<Update> parts, Func<AgentMessage, Task> send)
    {
        var update = parts[^1];
        Count(parts);
        if (parts.Any(p => p.Nonce != update.Nonce))
        {
            _faults.Add($"parts of update {update.Nonce} have several nonces");
        }

        var next = _state.Apply(parts, out var mismatched);
        if (!mismatched.IsEmpty)
        {
            await send(new AgentMessage { Nack = new Nack { Nonce = update.Nonce, Reason = Nack.Types.Reason.BaseMismatch, Resources = { mismatched } } });
            return;
        }

        var conduct = await Decide(update);
        switch (conduct)
        {
            case Conduct.Mismatch:
                await send(Mismatch(update.Nonce, parts));
                return;
            case Conduct.Refuse:
                await send(new AgentMessage { Nack = new Nack { Nonce = update.Nonce, Reason = Nack.Types.Reason.ApplyFailed, Message = "refused by test" } });
                await Refused;
                break;
        }

        Take(next, update);
        if (conduct != Conduct.LoseAck)
        {
            await send(new AgentMessage
            {
                Ack = new Ack
                {
                    Nonce = update.Nonce,
                    ApplyDuration = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(1)),
                    HeldDigest = UnsafeByteOperations.UnsafeWrap(_state.Digest.ToBytes()),
                },
            });
        }
    }

    private void Take(AgentState next, Update update)
    {
        _faults.AddRange(next.Dangling);
        if (!next.Digest.ToBytes().AsSpan().SequenceEqual(update.HeldDigest.Span))
        {
            _faults.Add($"update {update.Nonce} promises another digest over everything held");
        }

        if (!update.EndOfSnapshot)
        {
            _faults.Add($"update {update.Nonce} is not the end of a snapshot");
        }

        _state = next;
        Applied?.Invoke(next);
    }

    private static AgentMessage Mismatch(ulong nonce, ImmutableArray<Update> parts) => new()
    {
        Nack = new Nack
        {
            Nonce = nonce,
            Reason = Nack.Types.Reason.BaseMismatch,
            Resources = { parts.SelectMany(p => p.Resources).Select(r => new ResourceRef { Kind = r.Kind, Name = r.Name }) },
        },
    };

    private void Count(ImmutableArray<Update> parts)
    {
        Updates++;
        Received += parts.Sum(p => p.Resources.Count);
        Wholes += parts.Sum(p => p.Resources.Count(r => r.Whole is not null));
        Removals += parts.Sum(p => p.Removed.Count);
    }
}

/// <summary>What an agent does with an update.</summary>
public enum Conduct
{
    Apply,

    /// <summary>Takes nothing, and claims that no base fits.</summary>
    Mismatch,

    /// <summary>Says that the kernel refuses, and succeeds after that.</summary>
    Refuse,

    /// <summary>Applies, but the ack gets lost.</summary>
    LoseAck,
}
