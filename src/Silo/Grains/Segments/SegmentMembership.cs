using Vallum.Cluster.Objects;
using Vallum.Policies.Model;
using Vallum.Silo.Grains.Objects;
using Endpoint = Vallum.Policies.Model.Endpoint;

namespace Vallum.Silo.Grains.Segments;

/// <summary>Who is in one segment: the endpoints that name it as theirs, and those that its selector picks. Follows its tenant's feed.</summary>
internal sealed class SegmentMembership(TenantName tenant, SegmentName segment)
{
    private readonly SortedDictionary<string, Endpoint> _endpoints = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _members = new(StringComparer.Ordinal);
    private Segment? _segment;

    /// <summary>Of the tenant; 0: nothing is known yet.</summary>
    public long Revision { get; private set; }

    public bool Exists => _segment is not null;

    /// <summary>Names, in ordinal order.</summary>
    public SortedSet<string> Members => _members;

    /// <summary>The nodes that members are on, in order.</summary>
    public IEnumerable<string> Nodes =>
        _members.Select(name => _endpoints[name].Node).OfType<NodeName>().Select(node => node.Value).Distinct().Order(StringComparer.Ordinal);

    public void Take(FeedReply reply)
    {
        var before = _segment;
        if (reply.Whole)
        {
            _endpoints.Clear();
            _members.Clear();
            _segment = null;
        }

        foreach (var one in reply.Events)
        {
            Take(one);
        }

        if (reply.Whole || !Equals(before, _segment))
        {
            _members.Clear();
            _members.UnionWith(_endpoints.Values.Where(Includes).Select(endpoint => endpoint.Id.Name));
        }

        Revision = reply.Revision;
    }

    private void Take(FeedEvent one)
    {
        if (one.Kind == ObjectKind.Segment && one.Name == segment.Value)
        {
            _segment = one.Document is { } document ? (Segment)ContentParser.Value(one.Kind, tenant.Value, one.Name, document.Content) : null;
        }
        else if (one.Kind == ObjectKind.Endpoint)
        {
            _endpoints.Remove(one.Name);
            _members.Remove(one.Name);
            if (one.Document is { } document)
            {
                var endpoint = (Endpoint)ContentParser.Value(one.Kind, tenant.Value, one.Name, document.Content);
                _endpoints[one.Name] = endpoint;
                if (Includes(endpoint))
                {
                    _members.Add(one.Name);
                }
            }
        }
    }

    /// <summary>Selectors never pick endpoints on the host's network; their home is what it is all the same.</summary>
    private bool Includes(Endpoint endpoint) =>
        _segment is { } known && (endpoint.Segment == segment || (!endpoint.HostNetwork && known.Picks is { } picks && picks.Matches(endpoint.Labels)));
}
