using System.Diagnostics;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Agents;
using Vallum.Primitives;
using Vallum.Swarm.Held;
using Vallum.Swarm.Http2;
using Vallum.Swarm.Wire;

namespace Vallum.Swarm;

/// <summary>How an agent reads its stream.</summary>
public enum Reading
{
    Prompt,

    /// <summary>Each message is taken a while after it came, and until then no room is given for more.</summary>
    Slow,

    /// <summary>Nothing is read any more once the agent was in sync; its stream stays open.</summary>
    Dead,
}

/// <summary>
/// One agent of the swarm. Its kernel is what it holds: it checks every base and digest, refuses what does not fit, and acknowledges with the digest over
/// everything held. It outlives its streams.
/// </summary>
public sealed class SwarmAgent : ICaller
{
    private readonly Swarm _swarm;
    private readonly Lane _lane;
    // A slow reader's messages are taken by another thread than its connection's.
    private readonly Lock _gate = new();
    private CallStream? _stream;
    private List<Step>? _steps;
    private List<ResourceRef>? _mismatched;
    private ulong _nonce;
    private int _generation;

    internal SwarmAgent(Swarm swarm, Lane lanes, string node, Reading reading) =>
        (_swarm, _lane, Node, Reading) = (swarm, lanes, node, reading);

    public string Node { get; }

    public Reading Reading { get; }

    public HeldState State { get; } = new();

    public Digest Digest => State.Digest;

    /// <summary>Whole updates that were taken.</summary>
    public int Updates { get; private set; }

    /// <summary>Resources received, whole or as a difference.</summary>
    public int Received { get; private set; }

    public int Wholes { get; private set; }

    public int Removals { get; private set; }

    /// <summary>How often it was asked what it holds.</summary>
    public int Asked { get; private set; }

    /// <summary>How often it said that an update does not fit.</summary>
    public int Refused { get; private set; }

    /// <summary>The nonce of the last acknowledged update on this stream; 0: none yet.</summary>
    public ulong Acknowledged { get; private set; }

    /// <summary>It has taken an update on this stream, and so all that the node should hold.</summary>
    public bool IsSynced { get; private set; }

    bool ICaller.IsReading => !IsDeaf;

    private bool IsDeaf => Reading == Reading.Dead && IsSynced;

    /// <summary>Opens its stream, Hello first; it goes out with the next flush.</summary>
    internal void Call(Http2Connection connection)
    {
        lock (_gate)
        {
            (_steps, _mismatched, _nonce, Acknowledged, IsSynced) = (null, null, 0, 0, false);
            State.Abandon();
            _generation++;
            _stream = connection.Open(this);
            Send(new AgentMessage { Hello = Hello() });
        }
    }

    /// <summary>Forgets all that it held, as a machine that was made anew. Not while it has a stream.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            State.Forget();
        }
    }

    /// <summary>Ends its stream; it comes back after <see cref="SwarmOptions.ReconnectWithin"/>.</summary>
    public void Hang()
    {
        if (_stream is { IsOver: false } stream)
        {
            stream.Reset();
            _lane.Lost(this);
        }
    }

    void ICaller.Received(CallStream stream, ReadOnlySpan<byte> message)
    {
        if (IsDeaf || stream != _stream)
        {
            return;
        }

        if (Reading == Reading.Slow)
        {
            var (copy, generation) = (message.ToArray(), _generation);
            _swarm.Later.After(_swarm.Options.ReadDelay, () => TakeLate(stream, copy, generation));
            return;
        }

        lock (_gate)
        {
            Take(message);
        }

        stream.Consumed(message.Length);
    }

    void ICaller.Ended(CallStream stream, string? status, string? words)
    {
        if (stream == _stream)
        {
            IsSynced = false;
            _swarm.NoteEnd(status, words);
            _lane.Lost(this);
        }
    }

    private void TakeLate(CallStream stream, byte[] message, int generation)
    {
        lock (_gate)
        {
            if (generation != _generation)
            {
                return;
            }

            Take(message);
        }

        stream.Consumed(message.Length);
        stream.Flush();
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        var reader = new FieldReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case ControlMessage.UpdateFieldNumber:
                    TakeUpdate(reader.Content);
                    break;
                case ControlMessage.ListHeldFieldNumber:
                    Asked++;
                    Send(new AgentMessage { Held = ListHeld() });
                    break;
            }
        }
    }

    private void TakeUpdate(ReadOnlySpan<byte> update)
    {
        var arrived = Stopwatch.GetTimestamp();
        var (nonce, more, ends) = (0UL, false, false);
        ReadOnlySpan<byte> promised = default;
        var reader = new FieldReader(update);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Update.NonceFieldNumber:
                    nonce = reader.Number;
                    break;
                case Update.ResourcesFieldNumber:
                    TakeResource(reader.Content);
                    break;
                case Update.RemovedFieldNumber:
                    TakeRemoved(reader.Content);
                    break;
                case Update.EndOfSnapshotFieldNumber:
                    ends = reader.Number != 0;
                    break;
                case Update.HeldDigestFieldNumber:
                    promised = reader.Content;
                    break;
                case Update.MoreFieldNumber:
                    more = reader.Number != 0;
                    break;
            }
        }

        Keep(_nonce == 0 || _nonce == nonce, "parts of one update have several nonces");
        _nonce = more ? nonce : 0;
        if (!more)
        {
            Finish(nonce, ends, promised, arrived);
        }
    }

    private void TakeResource(ReadOnlySpan<byte> resource)
    {
        var step = _swarm.Pool.Take(resource, State.Find);
        Received++;
        Wholes += step.Before is null && step.After is not null ? 1 : 0;
        (_steps ??= []).Add(step);
        if (step.After is null)
        {
            (_mismatched ??= []).Add(new ResourceRef { Kind = step.Key.Kind, Name = step.Key.Name });
        }
        else
        {
            State.Stage(step.Key, step.After);
        }
    }

    private void TakeRemoved(ReadOnlySpan<byte> reference)
    {
        var (kind, name) = (ResourceKind.Unspecified, "");
        var reader = new FieldReader(reference);
        while (reader.Next())
        {
            kind = reader.Field == ResourceRef.KindFieldNumber ? (ResourceKind)reader.Number : kind;
            name = reader.Field == ResourceRef.NameFieldNumber ? Encoding.UTF8.GetString(reader.Content) : name;
        }

        Removals++;
        var key = new ResourceKey(kind, name);
        if (State.Find(key) is null)
        {
            (_mismatched ??= []).Add(new ResourceRef { Kind = kind, Name = name });
        }
        else
        {
            State.Stage(key, null);
        }
    }

    private void Finish(ulong nonce, bool ends, ReadOnlySpan<byte> promised, long arrived)
    {
        Keep(ends, "an update is not the end of a snapshot");
        var (steps, mismatched) = (_steps ?? [], _mismatched);
        (_steps, _mismatched) = (null, null);
        if (mismatched is not null)
        {
            Refused++;
            State.Abandon();
            Send(new AgentMessage { Nack = new Nack { Nonce = nonce, Reason = Nack.Types.Reason.BaseMismatch, Resources = { mismatched } } });
            return;
        }

        Keep(promised.Length == Digest.Length && State.StagedDigest() == Digest.FromBytes(promised), "an update promises another digest over everything held");
        State.Commit();
        Updates++;
        IsSynced = true;
        _swarm.Observer?.Took(this, steps, arrived);
        if (_swarm.Options.AckDelay == TimeSpan.Zero)
        {
            Acknowledge(nonce, TimeSpan.Zero);
            return;
        }

        var generation = _generation;
        _swarm.Later.After(_swarm.Options.AckDelay, () =>
        {
            if (generation == _generation)
            {
                Acknowledge(nonce, _swarm.Options.AckDelay);
                _stream?.Flush();
            }
        });
    }

    private void Acknowledge(ulong nonce, TimeSpan took)
    {
        Acknowledged = nonce;
        Send(new AgentMessage { Ack = new Ack { Nonce = nonce, ApplyDuration = Duration.FromTimeSpan(took), HeldDigest = Wrap(State.Digest) } });
    }

    private Hello Hello() => new()
    {
        Node = Node,
        InstanceId = $"swarm-{Node}",
        BootId = "swarm",
        AgentVersion = "swarm",
        Backend = "memory",
        Capabilities = { "host-policies" },
        HeldDigest = Wrap(State.Digest),
        OldestProtocol = ProtocolLevels.Own.Oldest,
        NewestProtocol = ProtocolLevels.Own.Newest,
    };

    private Contracts.Agent.V1.Held ListHeld() => new()
    {
        Resources = { State.Resources.Select(resource => new ResourceVersion { Kind = resource.Key.Kind, Name = resource.Key.Name, Digest = Wrap(resource.Digest) }) },
    };

    private void Send(AgentMessage message) => _stream?.Send(message.ToByteArray());

    /// <summary>A promise of agent.proto.</summary>
    private void Keep(bool isKept, string otherwise)
    {
        if (!isKept)
        {
            _swarm.Fault($"{Node}: {otherwise}");
        }
    }

    private static ByteString Wrap(Digest digest) => UnsafeByteOperations.UnsafeWrap(digest.ToBytes());
}
