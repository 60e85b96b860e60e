using System.Runtime.InteropServices;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>How often a resource refers to each other one. Nearly all refer to a few, which stand in an array of just their number.</summary>
internal sealed class ReferenceCounts
{
    private const int Few = 8;

    private (ResourceId Id, int Count)[] _few = [];
    private Dictionary<ResourceId, int>? _many;

    public int Count => _many?.Count ?? _few.Length;

    public IEnumerable<ResourceId> Ids => _many is { } many ? many.Keys : _few.Select(one => one.Id);

    public bool Contains(ResourceId id) => _many?.ContainsKey(id) ?? PlaceOf(id) >= 0;

    /// <summary>True: it is the first.</summary>
    public bool Add(ResourceId id)
    {
        if (_many is { } many)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(many, id, out var there);
            count++;
            return !there;
        }

        if (PlaceOf(id) is >= 0 and var place)
        {
            _few[place].Count++;
            return false;
        }

        if (_few.Length == Few)
        {
            _many = _few.ToDictionary(one => one.Id, one => one.Count);
            _many.Add(id, 1);
            _few = [];
        }
        else
        {
            _few = [.. _few, (id, 1)];
        }

        return true;
    }

    /// <summary>True: it was the last.</summary>
    public bool Remove(ResourceId id)
    {
        if (_many is { } many)
        {
            return --CollectionsMarshal.GetValueRefOrNullRef(many, id) == 0 && many.Remove(id);
        }

        var place = PlaceOf(id);
        if (--_few[place].Count > 0)
        {
            return false;
        }

        _few = [.. _few.AsSpan(0, place), .. _few.AsSpan(place + 1)];
        return true;
    }

    private int PlaceOf(ResourceId id) => Array.FindIndex(_few, one => one.Id == id);
}
