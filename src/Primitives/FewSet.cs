using System.Collections;

namespace Vallum.Primitives;

/// <summary>
/// A set that nearly always has few members: up to eight stand in an array of just their number and are compared one by one, more are hashed. With one
/// member it takes 64 bytes in 2 objects, where a <see cref="HashSet{T}"/> takes 180 in 3. While members are few, who enumerates sees the set as it was
/// when he began.
/// </summary>
public sealed class FewSet<T> : IReadOnlyCollection<T>
    where T : notnull
{
    private const int Few = 8;

    private T[] _few = [];
    private HashSet<T>? _many;

    public int Count => _many?.Count ?? _few.Length;

    /// <summary>To be told where it is known that so many come.</summary>
    public void EnsureCapacity(int count)
    {
        if (count > Few)
        {
            (_many ??= [.. _few]).EnsureCapacity(count);
            _few = [];
        }
    }

    public bool Contains(T item) => _many?.Contains(item) ?? Array.IndexOf(_few, item) >= 0;

    /// <summary>False: it was there.</summary>
    public bool Add(T item)
    {
        if (_many is { } many)
        {
            return many.Add(item);
        }

        if (Array.IndexOf(_few, item) >= 0)
        {
            return false;
        }

        if (_few.Length == Few)
        {
            _many = [.. _few, item];
            _few = [];
        }
        else
        {
            _few = [.. _few, item];
        }

        return true;
    }

    /// <summary>False: it was not there.</summary>
    public bool Remove(T item)
    {
        if (_many is { } many)
        {
            // Half of what made it many, so that a member that comes and goes does not move the rest each time.
            if (many.Remove(item))
            {
                if (many.Count <= Few / 2)
                {
                    (_few, _many) = ([.. many], null);
                }

                return true;
            }

            return false;
        }

        var place = Array.IndexOf(_few, item);
        if (place < 0)
        {
            return false;
        }

        _few = _few.Length == 1 ? [] : [.. _few.AsSpan(0, place), .. _few.AsSpan(place + 1)];
        return true;
    }

    public void Clear() => (_few, _many) = ([], null);

    public Enumerator GetEnumerator() => new(_few, _many);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => _many is { } many ? many.GetEnumerator() : ((IEnumerable<T>)_few).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable<T>)this).GetEnumerator();

    /// <summary>Over the members, each once.</summary>
    public struct Enumerator
    {
        private readonly T[] _few;
        private readonly bool _isHashed;
        private HashSet<T>.Enumerator _many;
        private int _place;

        internal Enumerator(T[] few, HashSet<T>? many)
        {
            (_few, _place, _isHashed) = (few, -1, many is not null);
            _many = many is null ? default : many.GetEnumerator();
        }

        public readonly T Current => _isHashed ? _many.Current : _few[_place];

        public bool MoveNext() => _isHashed ? _many.MoveNext() : ++_place < _few.Length;
    }
}
