using Vallum.Cluster.Objects;
using Vallum.Primitives;

namespace Vallum.Silo.Grains.Objects;

/// <summary>The state that a change would lead to, written over a state that stays as it is.</summary>
internal sealed class ObjectDraft(IObjectView below) : IObjectView
{
    private readonly Dictionary<ScopeKey, ScopeEdit> _edits = [];
    private readonly Dictionary<Address, string?> _endpoints = [];

    public IObjectView Below => below;

    /// <summary>One per object that is touched, in the order in which they were first touched; what came and went is among them, with null twice.</summary>
    public IReadOnlyCollection<ScopeEdit> Edits => _edits.Values;

    public ScopeObject? Find(ScopeKey key) => _edits.TryGetValue(key, out var edit) ? edit.After : below.Find(key);

    public IEnumerable<ScopeObject> All(ObjectKind kind) =>
        below.All(kind).Where(one => !_edits.ContainsKey(one.Key))
            .Concat(_edits.Values.Where(edit => edit.Key.Kind == kind && edit.After is not null).Select(edit => edit.After!));

    public string? EndpointAt(Address address) => _endpoints.TryGetValue(address, out var name) ? name : below.EndpointAt(address);

    public void Set(ScopeKey key, ScopeObject? after)
    {
        foreach (var address in Find(key).Owned())
        {
            if (EndpointAt(address) == key.Name)
            {
                _endpoints[address] = null;
            }
        }

        foreach (var address in after.Owned())
        {
            _endpoints[address] = key.Name;
        }

        _edits[key] = new ScopeEdit(key, below.Find(key), after);
    }

    /// <summary>Makes the draft below, on which this one stands, the state that this one leads to.</summary>
    public void WriteInto(ObjectDraft draft)
    {
        foreach (var edit in _edits.Values)
        {
            draft.Set(edit.Key, edit.After);
        }
    }
}
