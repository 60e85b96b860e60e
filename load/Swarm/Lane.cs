using System.Net;
using System.Net.Sockets;
using Vallum.Swarm.Http2;

namespace Vallum.Swarm;

/// <summary>One place for a connection and the agents that share it. When it breaks it is opened anew, to the next silo, and they all come back.</summary>
internal sealed class Lane(Swarm swarm, int number)
{
    private readonly List<SwarmAgent> _agents = [];
    private volatile Http2Connection? _open;
    private int _tried;

    public void Add(SwarmAgent agent) => _agents.Add(agent);

    /// <summary>Serves until the swarm leaves.</summary>
    public async Task RunAsync(CancellationToken leaving)
    {
        using var _ = leaving.Register(() => _open?.Dispose());
        while (!leaving.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(leaving);
            }
            catch (Exception exception) when (exception is SocketException or IOException || leaving.IsCancellationRequested)
            {
                // Nobody there: the next silo, or the same one later.
                swarm.NoteFailure(exception.Message);
            }

            await Task.Delay(swarm.Spread(), swarm.Time, leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The agent's stream is over. While the connection lasts it comes back on it.</summary>
    public void Lost(SwarmAgent agent)
    {
        var connection = _open;
        if (connection is { IsGoingAway: false })
        {
            swarm.Later.After(swarm.Spread(), () => CallAgain(agent, connection));
        }
    }

    private void CallAgain(SwarmAgent agent, Http2Connection connection)
    {
        if (connection == _open && !connection.IsGoingAway)
        {
            agent.Call(connection);
            connection.Out.Flush();
        }
    }

    private async Task ServeAsync(CancellationToken leaving)
    {
        var servers = swarm.Options.Servers;
        using var connection = await OpenAsync(servers[(number + _tried++) % servers.Count], leaving);
        _open = connection;
        if (leaving.IsCancellationRequested)
        {
            return;
        }

        var running = connection.RunAsync();
        foreach (var agent in _agents)
        {
            agent.Call(connection);
        }

        connection.Out.Flush();
        await running;
        _open = null;
    }

    private async Task<Http2Connection> OpenAsync(IPEndPoint server, CancellationToken leaving)
    {
        await swarm.Doors.WaitAsync(leaving);
        try
        {
            return await Http2Connection.OpenAsync(server, HeaderBlock.OfCall("/vallum.agent.v1.AgentService/Connect", server.ToString()), swarm.Options.StreamWindow, leaving);
        }
        finally
        {
            swarm.Doors.Release();
        }
    }
}
