using System.Collections.Frozen;

namespace Vallum.Policies.Compilation;

/// <summary>A set per key. A key whose set is empty is not kept.</summary>
internal sealed class SetsByKey<TKey, T>
    where TKey : notnull
    where T : notnull
{
    private readonly Dictionary<TKey, HashSet<T>> _sets = [];

    public IReadOnlySet<T> this[TKey key] => _sets.TryGetValue(key, out var set) ? set : FrozenSet<T>.Empty;

    public void Add(TKey key, T value)
    {
        if (!_sets.TryGetValue(key, out var set))
        {
            _sets.Add(key, set = []);
        }

        set.Add(value);
    }

    public void Remove(TKey key, T value)
    {
        if (_sets.TryGetValue(key, out var set) && set.Remove(value) && set.Count == 0)
        {
            _sets.Remove(key);
        }
    }
}
