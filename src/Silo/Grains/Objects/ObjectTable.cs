using System.Collections.Immutable;
using Vallum.Cluster.Objects;
using Vallum.Primitives;

namespace Vallum.Silo.Grains.Objects;

/// <summary>The committed objects of a scope.</summary>
internal sealed class ObjectTable : IObjectView
{
    private readonly Dictionary<ScopeKey, ScopeObject> _objects = [];
    private readonly Dictionary<ObjectKind, SortedSet<string>> _names = [];
    private readonly Dictionary<Address, string> _endpoints = [];

    public ScopeObject? Find(ScopeKey key) => _objects.GetValueOrDefault(key);

    public IEnumerable<ScopeObject> All(ObjectKind kind) => Names(kind).Select(name => _objects[new ScopeKey(kind, name)]);

    public string? EndpointAt(Address address) => _endpoints.GetValueOrDefault(address);

    public int Count(ObjectKind kind) => Names(kind).Count;

    public void Apply(ScopeEdit edit)
    {
        foreach (var address in edit.Before.Owned())
        {
            // Another edit of the same batch may have given it away already.
            if (_endpoints.GetValueOrDefault(address) == edit.Key.Name)
            {
                _endpoints.Remove(address);
            }
        }

        if (edit.After is { } after)
        {
            _objects[edit.Key] = after;
            Names(edit.Key.Kind).Add(edit.Key.Name);
            foreach (var address in after.Owned())
            {
                _endpoints[address] = edit.Key.Name;
            }
        }
        else if (_objects.Remove(edit.Key))
        {
            Names(edit.Key.Kind).Remove(edit.Key.Name);
        }
    }

    /// <summary>Documents of a kind by name, in ordinal order.</summary>
    public ObjectPage Page(ListObjects request, long revision)
    {
        var names = Names(request.Kind);
        var from = request.After.Length == 0 ? "" : request.After + '\0';
        var last = names.Max;
        IEnumerable<string> rest = last is null || string.CompareOrdinal(from, last) > 0 ? [] : names.GetViewBetween(from, last);
        ImmutableArray<ObjectDocument> documents =
            [.. rest.Take(Math.Max(0, request.Limit)).Select(name => _objects[new ScopeKey(request.Kind, name)].Document)];
        return new ObjectPage(revision, documents, documents.Length > 0 && documents[^1].Name != last);
    }

    private SortedSet<string> Names(ObjectKind kind)
    {
        if (!_names.TryGetValue(kind, out var names))
        {
            _names.Add(kind, names = new SortedSet<string>(StringComparer.Ordinal));
        }

        return names;
    }
}
