using System.Collections.Concurrent;
using Vallum.Agents;
using Vallum.Testing.Worlds;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>An agent that checks after every update that it holds no mix of one tenant's revisions; with dice it also behaves badly, and reconnects when it is thrown out.</summary>
internal sealed class RoughAgent : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly InMemoryAgent _agent;
    private readonly FakeCluster _cluster;
    private readonly FakeSilo _silo;
    private readonly SemaphoreSlim _one = new(1);
    private FakeSilo.Stream? _stream;
    private Random? _dice;

    public RoughAgent(string node, FakeCluster cluster, FakeSilo silo, Random? dice)
    {
        (_cluster, _silo, _dice) = (cluster, silo, dice);
        _agent = new InMemoryAgent(node) { Applied = Check, Decide = _ => DecideAsync() };
        _stream = silo.Connect(_agent);
    }

    public string Node => _agent.Node;

    public AgentState State => _agent.State;

    public IEnumerable<string> Faults => _agent.Faults.Concat(_faults).Concat(
        _dice is null && _stream is { Session.IsFaulted: true } stream ? [$"{Node}: {stream.Session.Exception}"] : []);

    public async Task ReconnectAsync(bool forget)
    {
        await _one.WaitAsync();
        try
        {
            if (_stream is not null)
            {
                await _stream.DisposeAsync();
            }

            if (forget)
            {
                _agent.Forget();
            }

            _stream = _silo.Connect(_agent);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>From now on it behaves, and comes back if it was thrown out.</summary>
    public void Calm()
    {
        if (_dice is null)
        {
            return;
        }

        _dice = null;
        ReconnectAsync(false).GetAwaiter().GetResult();
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }
    }

    private async Task<Conduct> DecideAsync()
    {
        if (_dice is not { } dice)
        {
            return Conduct.Apply;
        }

        if (dice.Next(4) == 0)
        {
            await Task.Delay(dice.Next(5));
        }

        return dice.Next(12) switch
        {
            0 => Conduct.Mismatch,
            1 => Conduct.Refuse,
            2 => Conduct.LoseAck,
            _ => Conduct.Apply,
        };
    }

    private void Check(AgentState state)
    {
        if (state.Dangling.Any())
        {
            return;
        }

        foreach (var tenant in Vocabulary.Tenants)
        {
            if (!_cluster.Holds(tenant, state, Node))
            {
                _faults.Enqueue($"{Node} holds a mix of revisions of {tenant}");
            }
        }
    }
}
