using Vallum.Chaos.Worlds;

namespace Vallum.Chaos.Agents;

/// <summary>An agent per node, each with a connection of its own.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private const int Tenths = 10;

    private readonly World _world;

    public Fleet(World world, IReadOnlyList<Uri> silos)
    {
        _world = world;
        Agents = [.. world.NodeNames.Select(node => new FleetAgent(node, silos))];
    }

    public IReadOnlyList<FleetAgent> Agents { get; }

    public int Resent => Agents.Sum(agent => agent.Resent);

    public int Wholes => Agents.Sum(agent => agent.Agent.Wholes);

    public int Streams => Agents.Sum(agent => agent.Streams);

    public bool AreConnected => Agents.All(agent => agent.ConnectedTo is not null);

    /// <summary>Promises that were not kept, and mixes of revisions.</summary>
    public IEnumerable<string> Faults =>
        Agents.SelectMany(agent => agent.Agent.Faults.ToList().Select(fault => $"node {agent.Agent.Node}: {fault}").Concat(agent.Mixes));

    public void Start()
    {
        foreach (var agent in Agents)
        {
            agent.Start();
        }
    }

    public void Cut(int tenth)
    {
        foreach (var agent in TenthOf(tenth))
        {
            agent.Cut();
        }
    }

    public void LetBack(int tenth)
    {
        foreach (var agent in TenthOf(tenth))
        {
            agent.LetBack();
        }
    }

    public void LetAllBack()
    {
        foreach (var agent in Agents)
        {
            agent.LetBack();
        }
    }

    public void GoHome()
    {
        foreach (var agent in Agents)
        {
            agent.GoHome();
        }
    }

    /// <summary>Those that are not connected, or do not hold this generation or a later one of each of their tenants, in words.</summary>
    public IEnumerable<string> Behind(IReadOnlyDictionary<string, int> generations) => Agents.Index().SelectMany(one =>
    {
        var lacking = _world.TenantsOf(one.Index).Select(World.ShortName)
            .Where(tenant => one.Item.GenerationOf(tenant) < generations.GetValueOrDefault(tenant))
            .Select(tenant => $"node {one.Item.Agent.Node} holds generation {one.Item.GenerationOf(tenant)} of {tenant}, which is at {generations.GetValueOrDefault(tenant)}");
        return one.Item.ConnectedTo is null ? lacking.Append($"node {one.Item.Agent.Node} is not connected") : lacking;
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in Agents)
        {
            agent.LetBack();
        }

        await Task.WhenAll(Agents.Select(agent => agent.DisposeAsync().AsTask()));
    }

    private IEnumerable<FleetAgent> TenthOf(int tenth) => Agents.Where((_, index) => index % Tenths == tenth);
}
