using System.Collections.Concurrent;
using Vallum.Agents;
using Vallum.Cluster.Compiled;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>A node whose agent goes from silo to silo.</summary>
internal sealed class RovingNode(string node) : IAsyncDisposable
{
    private readonly List<FakeSilo.Stream> _lost = [];
    private FakeSilo.Stream? _stream;
    private DateTimeOffset _came;

    public string Node => node;

    public InMemoryAgent Agent { get; } = new(node);

    public FakeSilo? At { get; private set; }

    /// <summary>The tenants that have heard from the silo that the agent is there.</summary>
    public ConcurrentDictionary<string, bool> Known { get; } = [];

    public void Heard(string tenant, ProgressReport report)
    {
        if (At?.Name == report.Hub && report.Nodes.Any(n => n.Node == node && n.Since >= _came))
        {
            Known[tenant] = true;
        }
    }

    /// <param name="unnoticed">The silo that it leaves goes on as if it were there.</param>
    public async Task GoAsync(FakeSilo silo, bool unnoticed)
    {
        await LeaveAsync(unnoticed);
        Known.Clear();
        (At, _came) = (silo, DateTimeOffset.UtcNow);
        _stream = silo.Connect(Agent);
    }

    /// <summary>Comes back where it was, if it was thrown out.</summary>
    public Task MendAsync() => _stream is { Session.IsCompleted: true } && At is { } silo ? GoAsync(silo, false) : Task.CompletedTask;

    public async Task LeaveAsync(bool unnoticed)
    {
        if (_stream is { } stream)
        {
            await stream.LoseAgentAsync();
            if (unnoticed)
            {
                _lost.Add(stream);
            }
            else
            {
                await stream.DisposeAsync();
            }
        }

        (At, _stream) = (null, null);
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync(false);
        foreach (var stream in _lost)
        {
            await stream.DisposeAsync();
        }
    }
}
