using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Held;

/// <summary>
/// What the messages of one update make of one resource, beside what is held. A large resource comes in several messages, each building on what the
/// one before leaves.
/// </summary>
internal sealed class StagedResource(ResourceName name, HeldResource? held)
{
    private readonly HashSet<ByteString> _added = [];
    private readonly HashSet<ByteString> _removed = [];
    private ByteString? _head;

    // Null: neither held nor, so far, made by this update.
    private Digest? _digest = held?.Digest;

    /// <exception cref="BaseMismatchException">The message does not fit what is there, or does not lead to the digest that it gives.</exception>
    public void Take(Resource message)
    {
        var digest = message.ContentCase switch
        {
            Resource.ContentOneofCase.Whole => Take(message.Whole),
            Resource.ContentOneofCase.Delta => Take(message.Delta),
            _ => throw new BaseMismatchException($"{name} comes without content", name),
        };
        if (message.Digest.Length != Digest.Length || Digest.FromBytes(message.Digest.Span) != digest)
        {
            throw new BaseMismatchException($"{name} has digest {digest}, not the one that the update gives", name);
        }

        _digest = digest;
    }

    public ResourceChange ToChange() => new(name, _head, [.. _added], [.. _removed], _digest);

    private Digest Take(Whole whole)
    {
        var entries = whole.Entries.ToHashSet();
        _head = whole.Head;
        _added.Clear();
        _added.UnionWith(entries.Where(e => !IsHeld(e)));
        _removed.Clear();
        _removed.UnionWith((held?.Entries ?? []).Where(e => !entries.Contains(e)));
        return HeldResource.OfHead(whole.Head) + HeldResource.OfEntries(entries);
    }

    private Digest Take(Delta delta)
    {
        if (_digest is not { } before)
        {
            throw new BaseMismatchException($"a delta of {name}, which is not held", name);
        }

        if (delta.BaseDigest.Length != Digest.Length || Digest.FromBytes(delta.BaseDigest.Span) != before)
        {
            throw new BaseMismatchException($"a delta of {name} builds on another content than the one held, {before}", name);
        }

        var after = before;
        foreach (var entry in delta.Removed)
        {
            after -= HeldResource.OfEntry(entry);
            Expect(_added.Remove(entry) || (IsHeld(entry) && _removed.Add(entry)));
        }

        foreach (var entry in delta.Added)
        {
            after += HeldResource.OfEntry(entry);
            Expect(_removed.Remove(entry) || (!IsHeld(entry) && _added.Add(entry)));
        }

        if (!delta.HasHead)
        {
            return after;
        }

        after = after - HeldResource.OfHead(_head ?? held!.Head) + HeldResource.OfHead(delta.Head);
        _head = delta.Head;
        return after;
    }

    private bool IsHeld(ByteString entry) => held is not null && held.Entries.Contains(entry);

    private void Expect(bool fits)
    {
        if (!fits)
        {
            throw new BaseMismatchException($"a delta of {name} adds what is held or removes what is not", name);
        }
    }
}
