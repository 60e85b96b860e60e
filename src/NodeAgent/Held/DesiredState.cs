using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Model;
using Vallum.NodeAgent.Decoding;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Held;

/// <summary>
/// Everything that the control plane has told this node: as it travels, in the data plane's words, and on disk once it has been applied. One caller at
/// a time.
/// </summary>
internal sealed class DesiredState(string path, ILogger logger) : IDisposable
{
    // Held, but not yet in the kernel and so not on disk.
    private readonly List<Update> _unsaved = [];

    private HeldResources _held = new();
    private NodeStateDecoder _decoder = new();
    private StateLog? _log;

    public NodeState State => _decoder.State;

    public Digest Total => _held.Total;

    public int Count => _held.Count;

    /// <summary>True once the control plane has said that nothing is missing, in this run or an earlier one: before that nothing is enforced.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Reads what is on disk; does nothing when that was done.</summary>
    public void Open()
    {
        if (_log is not null)
        {
            return;
        }

        try
        {
            _log = StateLog.Open(path, Replay);
            Decode();
        }
        catch (Exception e) when (e is BaseMismatchException or MalformedResourceException or InvalidProtocolBufferException)
        {
            // A file of another version: nothing of it may be half used. What the kernel holds stays until the control plane has said everything.
            AgentLog.LeftAside(logger, e.Message);
            _log?.Dispose();
            File.Move(path, path + ".unreadable", overwrite: true);
            _held = new HeldResources();
            _decoder = new NodeStateDecoder();
            IsComplete = false;
            _log = StateLog.Open(path, Replay);
        }
    }

    /// <param name="parts">The parts of one update, in order.</param>
    /// <returns>The resources that say something unknown, each with what it was. They are held, and read closed.</returns>
    /// <exception cref="BaseMismatchException">The update does not fit what is held. Nothing was changed.</exception>
    /// <exception cref="MalformedResourceException">It breaks the contract of the stream. Nothing was changed.</exception>
    public ImmutableArray<(ResourceName Resource, string What)> Take(IReadOnlyList<Update> parts)
    {
        var change = _held.Check(parts);
        var unknown = _decoder.Take(change, _held);
        _held.Commit(change);
        _unsaved.AddRange(parts);
        IsComplete |= parts[^1].EndOfSnapshot;
        return unknown;
    }

    /// <summary>Writes what was taken and is applied by now.</summary>
    public void Save()
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

    public Contracts.Agent.V1.Held List() => new()
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

    public void Dispose() => _log?.Dispose();

    private void Replay(IReadOnlyList<Update> parts)
    {
        _held.Commit(_held.Check(parts));
        IsComplete = true;
    }

    /// <summary>What is held at the end, once: what came and went between is nobody's business.</summary>
    private void Decode() => _decoder.Take(
        new HeldChange([.. _held.All.Select(r => new ResourceChange(r.Key, r.Value.Head, [.. r.Value.Entries], [], r.Value.Digest))], _held.Total),
        new HeldResources());
}
