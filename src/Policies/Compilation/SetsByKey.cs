using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>A set per key. A key whose set is empty is not kept.</summary>
internal sealed class SetsByKey<TKey, T>
    where TKey : notnull
    where T : notnull
{
    private readonly Dictionary<TKey, FewSet<T>> _sets = [];

    public IReadOnlyCollection<T> this[TKey key] => _sets.TryGetValue(key, out var set) ? set : Array.Empty<T>();

    public void Add(TKey key, T value)
    {
        if (!_sets.TryGetValue(key, out var set))
        {
            _sets.Add(key, set = new FewSet<T>());
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
