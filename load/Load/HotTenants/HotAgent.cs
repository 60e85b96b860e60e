using Google.Protobuf;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.Load.HotTenants;

/// <summary>
/// An agent without a kernel that costs as little as an agent can: digests follow each change instead of being made anew, so that what is measured is not
/// this process. What it holds is compared with a fresh compile at the end.
/// </summary>
/// <param name="members">Called with what came into a group and what left it.</param>
internal sealed class HotAgent(string node, Action<IReadOnlyCollection<ByteString>, IReadOnlyCollection<ByteString>> members)
{
    private readonly Dictionary<(ResourceKind Kind, string Name), Resource> _held = [];
    private Digest _digest;

    public string Node => node;

    /// <summary>Updates that did not fit, or promised another digest.</summary>
    public int Faults { get; private set; }

    /// <summary>What is held, by the words of the agent that the tests judge with.</summary>
    public AgentState State() => AgentState.Empty with
    {
        Resources = AgentState.Empty.Resources.AddRange(
            _held.Select(one => KeyValuePair.Create(one.Key, new HeldResource(one.Key.Kind, one.Key.Name, one.Value.Head, [.. one.Value.Entries])))),
    };

    public Hello Hello() => new() { Node = node, InstanceId = node, AgentVersion = "load", Backend = "memory", HeldDigest = Bytes(_digest) };

    /// <summary>What is answered; null: nothing is.</summary>
    public AgentMessage? Take(ControlMessage message)
    {
        if (message.Update is not { } update)
        {
            return message.ListHeld is null ? null : new AgentMessage { Held = new Held { Resources = { _held.Select(VersionOf) } } };
        }

        foreach (var resource in update.Resources)
        {
            Take(resource);
        }

        foreach (var removed in update.Removed)
        {
            Faults += _held.Remove((removed.Kind, removed.Name), out var gone) ? 0 : 1;
            _digest -= gone?.InAll ?? Digest.Empty;
        }

        if (update.More)
        {
            return null;
        }

        Faults += Digest.FromBytes(update.HeldDigest.Span) == _digest ? 0 : 1;
        return new AgentMessage { Ack = new Ack { Nonce = update.Nonce, HeldDigest = Bytes(_digest) } };
    }

    private void Take(Contracts.Agent.V1.Resource message)
    {
        var key = (message.Kind, message.Name);
        var before = _held.GetValueOrDefault(key);
        _digest -= before?.InAll ?? Digest.Empty;
        IReadOnlyCollection<ByteString> added, removed;
        if (message.Whole is { } whole)
        {
            _held[key] = new Resource(message.Kind, message.Name, whole.Head, whole.Entries);
            (added, removed) = ([.. whole.Entries.Where(entry => before?.Entries.Contains(entry) != true)], [.. before?.Entries.Except(whole.Entries) ?? []]);
        }
        else
        {
            var delta = message.Delta;
            Faults += before is not null && before.Digest == Digest.FromBytes(delta.BaseDigest.Span) && before.Change(delta) ? 0 : 1;
            (added, removed) = (delta.Added, delta.Removed);
        }

        if (_held.TryGetValue(key, out var now))
        {
            Faults += now.Digest == Digest.FromBytes(message.Digest.Span) ? 0 : 1;
            _digest += now.InAll;
        }

        if (message.Kind == ResourceKind.Group)
        {
            members(added, removed);
        }
    }

    private static ResourceVersion VersionOf(KeyValuePair<(ResourceKind Kind, string Name), Resource> one) =>
        new() { Kind = one.Key.Kind, Name = one.Key.Name, Digest = Bytes(one.Value.Digest) };

    private static ByteString Bytes(Digest digest) => UnsafeByteOperations.UnsafeWrap(digest.ToBytes());

    /// <summary>One resource with the digest of agent.proto, kept as it changes.</summary>
    private sealed class Resource
    {
        private readonly byte[] _key;

        public Resource(ResourceKind kind, string name, ByteString head, IEnumerable<ByteString> entries)
        {
            _key = [(byte)kind, .. System.Text.Encoding.UTF8.GetBytes(name), 0];
            (Head, Entries) = (head, [.. entries]);
            Digest = Entries.Aggregate(Of(0, head), (sum, entry) => sum + Of(1, entry));
        }

        public ByteString Head { get; private set; }

        public HashSet<ByteString> Entries { get; }

        public Digest Digest { get; private set; }

        public Digest InAll => Digest.Of([.. _key, .. Digest.ToBytes()]);

        /// <returns>False: it does not fit.</returns>
        public bool Change(Delta delta)
        {
            if (delta.HasHead)
            {
                Digest = Digest - Of(0, Head) + Of(0, delta.Head);
                Head = delta.Head;
            }

            var fits = true;
            foreach (var entry in delta.Removed)
            {
                fits &= Entries.Remove(entry);
                Digest -= Of(1, entry);
            }

            foreach (var entry in delta.Added)
            {
                fits &= Entries.Add(entry);
                Digest += Of(1, entry);
            }

            return fits;
        }

        private static Digest Of(byte mark, ByteString content) => Digest.Of([mark, .. content.Span]);
    }
}
