using Vallum.Policies.Model;

namespace Vallum.Policies.Compilation;

/// <summary>The distinct queries of a tenant, and which traits each of them picks.</summary>
internal sealed class QueryTable
{
    private readonly Dictionary<EndpointQuery, Query> _queries = [];
    private readonly SelectorIndex<Query, Traits> _index = new();
    private readonly List<Query> _idle = [];

    public long Evaluations => _index.Evaluations;

    public Query Get(EndpointQuery value)
    {
        if (!_queries.TryGetValue(value, out var query))
        {
            _queries.Add(value, query = new Query(value));
            query.Picks = _index.AddPicker(query, value);
        }

        return query;
    }

    /// <summary>To be told when one that asked the query no longer does.</summary>
    public void Left(Query query)
    {
        if (query.IsIdle)
        {
            _idle.Add(query);
        }
    }

    public void Add(Traits traits)
    {
        traits.Queries = _index.AddPicked(traits, traits.Labels, traits.Segments);
        foreach (var query in traits.Queries)
        {
            foreach (var part in query.Parts)
            {
                traits.Parts.Add(part);
            }
        }
    }

    public void Remove(Traits traits) => _index.RemovePicked(traits);

    /// <summary>Forgets the queries that nobody asks any more. At the end of a batch: who left in it may have come back.</summary>
    public void Sweep()
    {
        foreach (var query in _idle)
        {
            if (query.IsIdle && _queries.Remove(query.Value))
            {
                _index.RemovePicker(query);
            }
        }

        _idle.Clear();
    }
}
