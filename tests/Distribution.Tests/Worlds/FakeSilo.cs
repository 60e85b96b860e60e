using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Vallum.Agents;
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

    private FakeSilo(FakeCluster cluster, DistributionOptions options)
    {
        var silo = new SiloIdentity("silo");
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

    public static async Task<FakeSilo> StartAsync(FakeCluster cluster, DistributionOptions? options = null)
    {
        var silo = new FakeSilo(cluster, options ?? Quick());
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
            Agent = Task.Run(() => _pipe.ServeAsync(agent, _ended.Token));
        }

        public Task Session { get; }

        public Task Agent { get; }

        public async ValueTask DisposeAsync()
        {
            await _ended.CancelAsync();
            await Task.WhenAll(Session, Agent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
