using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;
using Vallum.Silo.Distribution;
using Vallum.Silo.Distribution.Sessions;
using Vallum.Silo.Reports;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>The hub and its sessions over fake owners, and agents in memory.</summary>
internal sealed class FakeSilo : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly CancellationTokenSource _draining = new();
    private readonly List<Stream> _streams = [];

    private FakeSilo(FakeCluster cluster, DistributionOptions options, string name)
    {
        Name = name;
        var silo = new SiloIdentity(name);
        Hub = new ResourceHub(cluster, cluster, Options.Create(options), silo, TimeProvider.System, NullLogger<ResourceHub>.Instance);
        Scope = new SessionScope(
            Hub,
            cluster,
            new TrafficBook(TimeProvider.System),
            silo,
            new AgentMetrics(_services.GetRequiredService<IMeterFactory>()),
            Options.Create(options),
            TimeProvider.System,
            NullLogger<AgentSession>.Instance);
    }

    public string Name { get; }

    public ResourceHub Hub { get; }

    public SessionScope Scope { get; }

    public static DistributionOptions Quick() => new()
    {
        PullWait = TimeSpan.FromSeconds(1),
        MergeWindow = TimeSpan.FromMilliseconds(1),
        ReportWindow = TimeSpan.FromMilliseconds(5),
        KeepAlive = TimeSpan.FromMilliseconds(200),
        AgreeWithin = TimeSpan.FromMinutes(1),
    };

    public static async Task<FakeSilo> StartAsync(FakeCluster cluster, DistributionOptions? options = null, string name = "silo")
    {
        var silo = new FakeSilo(cluster, options ?? Quick(), name);
        await silo.Hub.StartAsync(CancellationToken.None);
        return silo;
    }

    /// <summary>Connects the agent; the answer ends the stream when disposed.</summary>
    public Stream Connect(InMemoryAgent agent)
    {
        var stream = new Stream(this, agent);
        _streams.Add(stream);
        return stream;
    }

    /// <summary>The silo is gone and says no more to anybody; its streams break.</summary>
    public async Task KillAsync()
    {
        await Hub.StopAsync(CancellationToken.None);
        await DisposeAsync();
    }

    public Task DrainAsync() => _draining.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }

        await Hub.StopAsync(CancellationToken.None);
        Hub.Dispose();
        Scope.Dispose();
        _draining.Dispose();
        await _services.DisposeAsync();
    }

    internal sealed class Stream : IAsyncDisposable
    {
        private readonly CancellationTokenSource _ended = new();
        private readonly CancellationTokenSource _agentEnded = new();
        private readonly PipeStream _pipe = new();

        public Stream(FakeSilo silo, InMemoryAgent agent)
        {
            var session = new AgentSession(_pipe, agent.Hello(), Guid.NewGuid().ToString("N"), silo.Scope);
            Session = Task.Run(async () =>
            {
                await session.AttachAsync(CancellationToken.None);
                try
                {
                    await session.RunAsync(silo._draining.Token, _ended.Token);
                }
                finally
                {
                    _pipe.Close();
                }
            });
            Agent = Task.Run(() => _pipe.ServeAsync(agent, _agentEnded.Token));
        }

        public Task Session { get; }

        public Task Agent { get; }

        /// <summary>The agent reports beside its acks.</summary>
        public Task ReportAsync(NodeReport report) => _pipe.UpAsync(new AgentMessage { Report = report });

        /// <summary>The agent is gone, and the silo has not heard of it.</summary>
        public async Task LoseAgentAsync()
        {
            _pipe.IsSilent = true;
            await _agentEnded.CancelAsync();
            await Agent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public async ValueTask DisposeAsync()
        {
            await _agentEnded.CancelAsync();
            await _ended.CancelAsync();
            await Task.WhenAll(Session, Agent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
