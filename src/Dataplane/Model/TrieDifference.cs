namespace Vallum.Dataplane.Model;

/// <summary>Where two tries differ: parts that both hold are passed over unread.</summary>
internal static class TrieDifference<TKey, TValue>
    where TKey : notnull
{
    public static IEnumerable<PersistentDictionary<TKey, TValue>.Difference> Between(TrieNode<TKey, TValue> from, TrieNode<TKey, TValue> to)
    {
        var found = new List<PersistentDictionary<TKey, TValue>.Difference>();
        Compare(from, to, 0, found);
        return found;
    }

    private static void Compare(
        TrieNode<TKey, TValue> from, TrieNode<TKey, TValue> to, int shift, List<PersistentDictionary<TKey, TValue>.Difference> found)
    {
        if (ReferenceEquals(from, to))
        {
            return;
        }

        if (shift >= 32)
        {
            Unlike([.. from.Entries], [.. to.Entries], found);
            return;
        }

        for (var place = 0; place < 32; place++)
        {
            var bit = 1u << place;
            var (before, after) = (from.Child(bit), to.Child(bit));
            if (before is not null && after is not null)
            {
                Compare(before, after, shift + TrieNode<TKey, TValue>.BitsPerLevel, found);
                continue;
            }

            var had = from.HasEntry(bit, out var old);
            var has = to.HasEntry(bit, out var next);
            if (before is null && after is null)
            {
                if (had && has && EqualityComparer<TKey>.Default.Equals(old.Key, next.Key))
                {
                    Changed(old.Key, old.Value, next.Value, found);
                    continue;
                }

                if (had)
                {
                    found.Add(new(old.Key, true, old.Value, false, default));
                }

                if (has)
                {
                    found.Add(new(next.Key, false, default, true, next.Value));
                }
            }
            else if (before is not null)
            {
                Unlike([.. before.Pairs()], has ? [next] : [], found);
            }
            else
            {
                Unlike(had ? [old] : [], [.. after!.Pairs()], found);
            }
        }
    }

    private static void Unlike(
        KeyValuePair<TKey, TValue>[] from, KeyValuePair<TKey, TValue>[] to, List<PersistentDictionary<TKey, TValue>.Difference> found)
    {
        // One side is a single entry, or both are the few whose hash codes collide.
        foreach (var (key, value) in from)
        {
            var at = Array.FindIndex(to, p => EqualityComparer<TKey>.Default.Equals(p.Key, key));
            if (at >= 0)
            {
                Changed(key, value, to[at].Value, found);
            }
            else
            {
                found.Add(new(key, true, value, false, default));
            }
        }

        foreach (var (key, value) in to)
        {
            if (!from.Any(p => EqualityComparer<TKey>.Default.Equals(p.Key, key)))
            {
                found.Add(new(key, false, default, true, value));
            }
        }
    }

    private static void Changed(TKey key, TValue before, TValue after, List<PersistentDictionary<TKey, TValue>.Difference> found)
    {
        if (typeof(TValue).IsValueType ? !EqualityComparer<TValue>.Default.Equals(before, after) : !ReferenceEquals(before, after))
        {
            found.Add(new(key, true, before, true, after));
        }
    }
}
