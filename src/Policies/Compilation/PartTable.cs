using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>The group parts that the tenant makes: for its own policies, and those that are wanted from outside.</summary>
internal sealed class PartTable(QueryTable queries, AddressTable addresses, DeltaBook book)
{
    private readonly Dictionary<GroupPartId, GroupPart> _parts = [];
    private readonly List<GroupPart> _idle = [];

    public IEnumerable<GroupPart> All => _parts.Values;

    public GroupPart? Find(GroupPartId id) => _parts.GetValueOrDefault(id);

    public GroupPart Reference(EndpointPart value)
    {
        var part = Get(value);
        part.References++;
        return part;
    }

    public void Dereference(GroupPart part)
    {
        part.References--;
        Left(part);
    }

    public void Want(EndpointPart value) => Get(value).IsWanted = true;

    public void Unwant(GroupPartId id)
    {
        if (_parts.TryGetValue(id, out var part))
        {
            part.IsWanted = false;
            Left(part);
        }
    }

    /// <summary>Ends the parts that nobody needs any more. At the end of a batch: who left in it may have come back.</summary>
    public void Sweep()
    {
        foreach (var part in _idle)
        {
            if (part.IsIdle && _parts.Remove(part.Id))
            {
                foreach (var traits in part.Query.Picks)
                {
                    traits.Parts.Remove(part);
                }

                part.Query.Parts.Remove(part);
                queries.Left(part.Query);
                book.Dies(part);
            }
        }

        _idle.Clear();
    }

    private GroupPart Get(EndpointPart value)
    {
        var id = value.Id;
        if (!_parts.TryGetValue(id, out var part))
        {
            _parts.Add(id, part = new GroupPart(id, value, queries.Get(value.Query), addresses));
            part.Query.Parts.Add(part);
            foreach (var traits in part.Query.Picks)
            {
                traits.Parts.Add(part);
            }

            book.Born(part);
        }

        return part;
    }

    private void Left(GroupPart part)
    {
        if (part.IsIdle)
        {
            _idle.Add(part);
        }
    }
}
