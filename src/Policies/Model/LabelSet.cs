using System.Collections;
using System.Collections.Immutable;

namespace Vallum.Policies.Model;

/// <summary>Labels of one object: keys unique, sorted by key, compared by content.</summary>
public sealed class LabelSet : IEquatable<LabelSet>, IReadOnlyCollection<KeyValuePair<string, string>>
{
    public static readonly LabelSet Empty = new([]);

    private readonly ImmutableArray<KeyValuePair<string, string>> _pairs;
    private readonly int _hash;

    private LabelSet(ImmutableArray<KeyValuePair<string, string>> pairs)
    {
        _pairs = pairs;
        var hash = default(HashCode);
        foreach (var (key, value) in pairs)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        _hash = hash.ToHashCode();
    }

    public int Count => _pairs.Length;

    /// <summary>A key that occurs twice keeps its last value.</summary>
    public static LabelSet Of(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
        {
            sorted[key] = value;
        }

        return sorted.Count == 0 ? Empty : new LabelSet([.. sorted]);
    }

    public static LabelSet Of(params ReadOnlySpan<(string Key, string Value)> pairs) =>
        Of(pairs.ToArray().Select(p => KeyValuePair.Create(p.Key, p.Value)));

    /// <summary>The value of <paramref name="key"/>, or null when the key is absent.</summary>
    public string? this[string key]
    {
        get
        {
            int low = 0, high = _pairs.Length - 1;
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                var order = string.CompareOrdinal(_pairs[middle].Key, key);
                if (order == 0)
                {
                    return _pairs[middle].Value;
                }

                if (order < 0)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle - 1;
                }
            }

            return null;
        }
    }

    public bool Equals(LabelSet? other) =>
        other is not null && (ReferenceEquals(this, other) || (_hash == other._hash && _pairs.SequenceEqual(other._pairs)));

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() => _hash;

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_pairs).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>"a=1,b=2", sorted by key.</summary>
    public override string ToString() => string.Join(',', _pairs.Select(p => $"{p.Key}={p.Value}"));
}
