namespace Vallum.Silo.Distribution.Hub;

/// <summary>The nodes that sessions of this silo serve. Guarded by the hub's lock.</summary>
internal sealed class NodeBook
{
    private readonly Dictionary<string, List<ServedNode>> _nodes = [];

    public IEnumerable<ServedNode> All => _nodes.Values.SelectMany(s => s);

    /// <summary>All sessions of one node: for a moment two, when an agent comes back before its old stream is known to be dead.</summary>
    public IReadOnlyList<ServedNode> At(string node) => _nodes.GetValueOrDefault(node) ?? [];

    /// <summary>The newest session speaks for the node.</summary>
    public bool Speaks(ServedNode served) => _nodes.TryGetValue(served.Node, out var sessions) && sessions[^1] == served;

    public void Add(ServedNode served)
    {
        if (!_nodes.TryGetValue(served.Node, out var sessions))
        {
            _nodes[served.Node] = sessions = [];
        }

        sessions.Add(served);
    }

    public void Remove(ServedNode served)
    {
        if (_nodes.TryGetValue(served.Node, out var sessions) && sessions.Remove(served) && sessions.Count == 0)
        {
            _nodes.Remove(served.Node);
        }
    }
}
