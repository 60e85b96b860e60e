using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Held;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>What a node is told, as the control plane would say it: whole, and change by change, with the digests that the stream's contract asks for.</summary>
internal sealed class WireNode
{
    private readonly Dictionary<ResourceName, (ByteString Head, HashSet<ByteString> Entries, Digest Digest)> _resources = [];
    private Digest _total = Digest.Empty;
    private ulong _nonce;

    public void Put(ResourceKind kind, string name, IMessage? head, IEnumerable<ByteString> entries)
    {
        var bytes = head?.ToByteString() ?? ByteString.Empty;
        var all = entries.ToHashSet();
        Set(new ResourceName(kind, name), bytes, all, HeldResource.OfHead(bytes) + HeldResource.OfEntries(all));
    }

    /// <summary>Everything, in one message.</summary>
    public Update Snapshot() => new()
    {
        Nonce = ++_nonce,
        EndOfSnapshot = true,
        HeldDigest = Bytes(_total),
        Resources =
        {
            _resources.Select(r => new Resource
            {
                Kind = r.Key.Kind,
                Name = r.Key.Name,
                Digest = Bytes(r.Value.Digest),
                Whole = new Whole { Head = r.Value.Head, Entries = { r.Value.Entries } },
            }),
        },
    };

    /// <summary>Changes a resource here, and says how to change it there.</summary>
    /// <param name="head">Null: as it was.</param>
    public Update Change(ResourceKind kind, string name, IReadOnlyCollection<ByteString> added, IReadOnlyCollection<ByteString> removed, IMessage? head = null)
    {
        var key = new ResourceName(kind, name);
        var (before, entries, digest) = _resources[key];
        var bytes = head?.ToByteString();
        var next = digest + HeldResource.OfEntries(added) - HeldResource.OfEntries(removed);
        if (bytes is not null)
        {
            next = next - HeldResource.OfHead(before) + HeldResource.OfHead(bytes);
        }

        entries.ExceptWith(removed);
        entries.UnionWith(added);
        Set(key, bytes ?? before, entries, next);
        var delta = new Delta { BaseDigest = Bytes(digest), Added = { added }, Removed = { removed } };
        if (bytes is not null)
        {
            delta.Head = bytes;
        }

        return new Update
        {
            Nonce = ++_nonce,
            Resources = { new Resource { Kind = kind, Name = name, Digest = Bytes(next), Delta = delta } },
            HeldDigest = Bytes(_total),
        };
    }

    private void Set(ResourceName name, ByteString head, HashSet<ByteString> entries, Digest digest)
    {
        if (_resources.TryGetValue(name, out var before))
        {
            _total -= HeldResource.InTotal(name, before.Digest);
        }

        _resources[name] = (head, entries, digest);
        _total += HeldResource.InTotal(name, digest);
    }

    private static ByteString Bytes(Digest digest) => ByteString.CopyFrom(digest.ToBytes());
}
