using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Vallum.Dataplane.Model;

/// <summary>
/// A node of <see cref="PersistentDictionary{TKey, TValue}"/>: of the 32 places that five bits of a hash code name, some hold an entry, some a node of the
/// next level. Below the last bits stand the entries whose whole codes collide.
/// </summary>
internal sealed class TrieNode<TKey, TValue>
    where TKey : notnull
{
    public const int BitsPerLevel = 5;

    public static readonly TrieNode<TKey, TValue> Empty = new(0, 0, [], [], new object());

    private const int HashBits = 32;

    private readonly object _owner;
    private uint _entryMap;
    private uint _childMap;
    private KeyValuePair<TKey, TValue>[] _entries;
    private TrieNode<TKey, TValue>[] _children;

    private TrieNode(uint entryMap, uint childMap, KeyValuePair<TKey, TValue>[] entries, TrieNode<TKey, TValue>[] children, object owner)
    {
        _entryMap = entryMap;
        _childMap = childMap;
        _entries = entries;
        _children = children;
        _owner = owner;
    }

    public ReadOnlySpan<KeyValuePair<TKey, TValue>> Entries => _entries;

    public static uint Bit(int hash, int shift) => 1u << ((hash >>> shift) & 31);

    public TrieNode<TKey, TValue>? Child(uint bit) => (_childMap & bit) == 0 ? null : _children[Index(_childMap, bit)];

    public bool HasEntry(uint bit, out KeyValuePair<TKey, TValue> entry)
    {
        var has = (_entryMap & bit) != 0;
        entry = has ? _entries[Index(_entryMap, bit)] : default;
        return has;
    }

    public bool TryGet(TKey key, int hash, int shift, [MaybeNullWhen(false)] out TValue value)
    {
        var node = this;
        for (; shift < HashBits; shift += BitsPerLevel)
        {
            var bit = Bit(hash, shift);
            if ((node._childMap & bit) != 0)
            {
                node = node._children[Index(node._childMap, bit)];
                continue;
            }

            if ((node._entryMap & bit) != 0)
            {
                ref readonly var entry = ref node._entries[Index(node._entryMap, bit)];
                if (EqualityComparer<TKey>.Default.Equals(entry.Key, key))
                {
                    value = entry.Value;
                    return true;
                }
            }

            value = default;
            return false;
        }

        var at = node.CollisionOf(key);
        value = at < 0 ? default : node._entries[at].Value;
        return at >= 0;
    }

    public TrieNode<TKey, TValue> Set(TKey key, TValue value, int hash, int shift, object owner, out bool grew)
    {
        if (shift >= HashBits)
        {
            var same = CollisionOf(key);
            grew = same < 0;
            return grew ? With(owner, entries: Insert(_entries, _entries.Length, new(key, value))) : ReplaceEntry(same, new(key, value), owner);
        }

        var bit = Bit(hash, shift);
        if ((_childMap & bit) != 0)
        {
            var at = Index(_childMap, bit);
            var child = _children[at].Set(key, value, hash, shift + BitsPerLevel, owner, out grew);
            return ReplaceChild(at, child, owner);
        }

        var index = Index(_entryMap, bit);
        if ((_entryMap & bit) == 0)
        {
            grew = true;
            return With(owner, entries: Insert(_entries, index, new(key, value)), entryMap: _entryMap | bit);
        }

        var there = _entries[index];
        if (EqualityComparer<TKey>.Default.Equals(there.Key, key))
        {
            grew = false;
            return ReplaceEntry(index, new(key, value), owner);
        }

        grew = true;
        var below = new TrieNode<TKey, TValue>(0, 0, [], [], owner)
            .Set(there.Key, there.Value, there.Key.GetHashCode(), shift + BitsPerLevel, owner, out _)
            .Set(key, value, hash, shift + BitsPerLevel, owner, out _);
        return With(
            owner,
            entries: RemoveAt(_entries, index),
            entryMap: _entryMap & ~bit,
            children: Insert(_children, Index(_childMap, bit), below),
            childMap: _childMap | bit);
    }

    public TrieNode<TKey, TValue> Remove(TKey key, int hash, int shift, object owner, out bool shrank)
    {
        if (shift >= HashBits)
        {
            var same = CollisionOf(key);
            shrank = same >= 0;
            return shrank ? With(owner, entries: RemoveAt(_entries, same)) : this;
        }

        var bit = Bit(hash, shift);
        if ((_childMap & bit) != 0)
        {
            var at = Index(_childMap, bit);
            var child = _children[at].Remove(key, hash, shift + BitsPerLevel, owner, out shrank);
            return !shrank ? this : child._children.Length == 0 && child._entries.Length <= 1 ? PullUp(bit, at, child, owner) : ReplaceChild(at, child, owner);
        }

        var index = Index(_entryMap, bit);
        shrank = (_entryMap & bit) != 0 && EqualityComparer<TKey>.Default.Equals(_entries[index].Key, key);
        return shrank ? With(owner, entries: RemoveAt(_entries, index), entryMap: _entryMap & ~bit) : this;
    }

    public IEnumerable<KeyValuePair<TKey, TValue>> Pairs()
    {
        var open = new Stack<TrieNode<TKey, TValue>>([this]);
        while (open.TryPop(out var node))
        {
            foreach (var entry in node._entries)
            {
                yield return entry;
            }

            foreach (var child in node._children)
            {
                open.Push(child);
            }
        }
    }

    private static int Index(uint map, uint bit) => BitOperations.PopCount(map & (bit - 1));

    private static T[] Insert<T>(T[] array, int at, T item)
    {
        var next = new T[array.Length + 1];
        Array.Copy(array, next, at);
        next[at] = item;
        Array.Copy(array, at, next, at + 1, array.Length - at);
        return next;
    }

    private static T[] RemoveAt<T>(T[] array, int at)
    {
        var next = new T[array.Length - 1];
        Array.Copy(array, next, at);
        Array.Copy(array, at + 1, next, at, next.Length - at);
        return next;
    }

    private int CollisionOf(TKey key)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            if (EqualityComparer<TKey>.Default.Equals(_entries[i].Key, key))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A child that is down to one entry gives it to its parent, so that a map's shape says nothing of its past.</summary>
    private TrieNode<TKey, TValue> PullUp(uint bit, int at, TrieNode<TKey, TValue> child, object owner) => With(
        owner,
        entries: child._entries.Length == 0 ? _entries : Insert(_entries, Index(_entryMap, bit), child._entries[0]),
        entryMap: child._entries.Length == 0 ? _entryMap : _entryMap | bit,
        children: RemoveAt(_children, at),
        childMap: _childMap & ~bit);

    private TrieNode<TKey, TValue> ReplaceEntry(int at, KeyValuePair<TKey, TValue> entry, object owner)
    {
        if (ReferenceEquals(_owner, owner))
        {
            _entries[at] = entry;
            return this;
        }

        var entries = (KeyValuePair<TKey, TValue>[])_entries.Clone();
        entries[at] = entry;
        return With(owner, entries: entries);
    }

    private TrieNode<TKey, TValue> ReplaceChild(int at, TrieNode<TKey, TValue> child, object owner)
    {
        if (ReferenceEquals(_children[at], child))
        {
            return this;
        }

        if (ReferenceEquals(_owner, owner))
        {
            _children[at] = child;
            return this;
        }

        var children = (TrieNode<TKey, TValue>[])_children.Clone();
        children[at] = child;
        return With(owner, children: children);
    }

    private TrieNode<TKey, TValue> With(
        object owner,
        KeyValuePair<TKey, TValue>[]? entries = null,
        uint? entryMap = null,
        TrieNode<TKey, TValue>[]? children = null,
        uint? childMap = null)
    {
        if (!ReferenceEquals(_owner, owner))
        {
            // Arrays that both nodes would hold are copied: the owner of the new one changes them in place.
            return new TrieNode<TKey, TValue>(
                entryMap ?? _entryMap, childMap ?? _childMap, entries ?? [.. _entries], children ?? [.. _children], owner);
        }

        _entries = entries ?? _entries;
        _entryMap = entryMap ?? _entryMap;
        _children = children ?? _children;
        _childMap = childMap ?? _childMap;
        return this;
    }
}
