using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Vallum.Dataplane.Model;

public static class PersistentDictionary
{
    public static PersistentDictionary<TKey, TValue> Of<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> pairs)
        where TKey : notnull
    {
        var builder = PersistentDictionary<TKey, TValue>.Empty.ToBuilder();
        foreach (var (key, value) in pairs)
        {
            builder.Set(key, value);
        }

        return builder.ToDictionary();
    }

    /// <summary>Keys whose values differ, with both. A value is the default where a side has none; objects differ when they are not the same one.</summary>
    public static IEnumerable<PersistentDictionary<TKey, TValue>.Difference> Between<TKey, TValue>(
        PersistentDictionary<TKey, TValue> from, PersistentDictionary<TKey, TValue> to)
        where TKey : notnull => from.Until(to);
}

/// <summary>
/// An immutable dictionary that shares what did not change with the one it was made from: the difference of two relatives costs what differs between
/// them, however many steps apart and however large they are. A trie over hash codes, five bits a level.
/// </summary>
public sealed class PersistentDictionary<TKey, TValue> : IReadOnlyDictionary<TKey, TValue>
    where TKey : notnull
{
    public static readonly PersistentDictionary<TKey, TValue> Empty = new(TrieNode<TKey, TValue>.Empty, 0);

    private readonly TrieNode<TKey, TValue> _root;

    private PersistentDictionary(TrieNode<TKey, TValue> root, int count)
    {
        _root = root;
        Count = count;
    }

    public int Count { get; }

    public bool IsEmpty => Count == 0;

    public IEnumerable<TKey> Keys => this.Select(pair => pair.Key);

    public IEnumerable<TValue> Values => this.Select(pair => pair.Value);

    public TValue this[TKey key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"no entry for {key}");

    public static implicit operator PersistentDictionary<TKey, TValue>(ImmutableDictionary<TKey, TValue> map) => PersistentDictionary.Of(map);

    public bool ContainsKey(TKey key) => TryGetValue(key, out _);

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _root.TryGet(key, key.GetHashCode(), 0, out value);

    public PersistentDictionary<TKey, TValue> SetItem(TKey key, TValue value)
    {
        var builder = ToBuilder();
        builder.Set(key, value);
        return builder.ToDictionary();
    }

    public PersistentDictionary<TKey, TValue> Remove(TKey key)
    {
        var builder = ToBuilder();
        builder.Remove(key);
        return builder.ToDictionary();
    }

    public Builder ToBuilder() => new(this);

    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => _root.Pairs().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal IEnumerable<Difference> Until(PersistentDictionary<TKey, TValue> next) =>
        ReferenceEquals(_root, next._root) ? [] : TrieDifference<TKey, TValue>.Between(_root, next._root);

    public readonly record struct Difference(TKey Key, bool WasThere, TValue? Before, bool IsThere, TValue? After);

    /// <summary>A map being written: nodes that it made itself are changed in place.</summary>
    public sealed class Builder
    {
        private readonly PersistentDictionary<TKey, TValue> _start;
        private object _owner = new();
        private TrieNode<TKey, TValue> _root;

        internal Builder(PersistentDictionary<TKey, TValue> start)
        {
            _start = start;
            _root = start._root;
            Count = start.Count;
        }

        public int Count { get; private set; }

        public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _root.TryGet(key, key.GetHashCode(), 0, out value);

        public void Set(TKey key, TValue value)
        {
            _root = _root.Set(key, value, key.GetHashCode(), 0, _owner, out var grew);
            Count += grew ? 1 : 0;
        }

        public void Remove(TKey key)
        {
            _root = _root.Remove(key, key.GetHashCode(), 0, _owner, out var shrank);
            Count -= shrank ? 1 : 0;
        }

        public PersistentDictionary<TKey, TValue> ToDictionary()
        {
            // What was handed out is never changed again.
            _owner = new object();
            return ReferenceEquals(_root, _start._root) ? _start : Count == 0 ? Empty : new PersistentDictionary<TKey, TValue>(_root, Count);
        }
    }
}
