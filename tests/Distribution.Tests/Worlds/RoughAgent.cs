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
    private readonly bool _isRough;
    private Random? _dice;

    public RoughAgent(string node, FakeCluster cluster, FakeSilo silo, Random? dice)
    {
        (_cluster, _silo, _dice, _isRough) = (cluster, silo, dice, dice is not null);
        _agent = new InMemoryAgent(node) { Applied = Check, Decide = _ => DecideAsync() };
        _stream = silo.Connect(_agent);
    }

    public string Node => _agent.Node;

    public AgentState State => _agent.State;

    /// <summary>Of the agent's own side, and of the session where nothing was to go wrong.</summary>
    public IEnumerable<string> Faults => _agent.Faults.Concat(_faults).Concat(FaultsOf(_stream?.Agent)).Concat(_isRough ? [] : FaultsOf(_stream?.Session));

    public async Task ReconnectAsync(bool forget)
    {
        await _one.WaitAsync();
        try
        {
            if (_stream is not null)
            {
                foreach (var fault in FaultsOf(_stream.Agent))
                {
                    _faults.Enqueue(fault);
                }

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

    /// <summary>From now on it behaves.</summary>
    public void Calm() => _dice = null;

    /// <summary>Comes back if it was thrown out.</summary>
    public async Task MendAsync()
    {
        if (_isRough && _stream is { Session.IsCompleted: true })
        {
            await ReconnectAsync(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
        }
    }

    private IEnumerable<string> FaultsOf(Task? task) => task is { IsFaulted: true } ? [$"{Node}: {task.Exception}"] : [];

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
