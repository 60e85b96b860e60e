using System.Diagnostics;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Agents;
using Vallum.Chaos.Worlds;
using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Connection;

namespace Vallum.Chaos.Agents;

/// <summary>An agent without a kernel that connects as the real one does, keeps its state over all streams, and checks it at every update.</summary>
internal sealed class FleetAgent : IAgentStreams, IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private readonly List<string> _mixes = [];
    private Task _running = Task.CompletedTask;
    private CancellationTokenSource _loop = new();
    private CancellationTokenSource? _stream;
    private TaskCompletionSource _mayConnect = Opened();
    private IReadOnlyDictionary<string, int> _generations = new Dictionary<string, int>();

    public FleetAgent(string node, IReadOnlyList<Uri> silos)
    {
        Agent = new InMemoryAgent(node) { Applied = Check };
        Silos = silos;
    }

    public InMemoryAgent Agent { get; }

    public IReadOnlyList<Uri> Silos { get; }

    /// <summary>The silo that has answered on the open stream; null: none.</summary>
    public Uri? ConnectedTo { get; private set; }

    /// <summary>Streams that a silo has answered on.</summary>
    public int Streams { get; private set; }

    /// <summary>Resources that came whole though the agent held just that.</summary>
    public int Resent { get; private set; }

    /// <summary>Called with the tenant, the generation that was held before (-1: none), the one that has come, and when.</summary>
    public Action<string, int, int, long>? Arrived { get; set; }

    public IReadOnlyList<string> Mixes
    {
        get
        {
            lock (_gate)
            {
                return [.. _mixes];
            }
        }
    }

    public int GenerationOf(string tenant) => _generations.GetValueOrDefault(tenant, -1);

    public void Start() => _running = RunAsync();

    /// <summary>Begins anew with the silo of its own first choice.</summary>
    public void GoHome()
    {
        if (ConnectedTo != new ServerOrder(Agent.Node, Silos).Current)
        {
            Cancel(_loop);
        }
    }

    /// <summary>The stream breaks, and another one is not opened before <see cref="LetBack"/>.</summary>
    public void Cut()
    {
        // One that is cut off already waits for this very moment: another would leave it waiting for ever.
        if (_mayConnect.Task.IsCompleted)
        {
            _mayConnect = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Cancel(_stream);
    }

    public void LetBack() => _mayConnect.TrySetResult();

    void IAgentStreams.Note(Uri? server) => ConnectedTo = server;

    async Task<SessionEnd> IAgentStreams.RunAsync(Uri server, System.Action connected, CancellationToken cancellationToken)
    {
        await _mayConnect.Task.WaitAsync(cancellationToken);
        using var stream = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stream = stream;
        using var channel = SiloChannel.Open(server, null);
        using var call = new AgentService.AgentServiceClient(channel).Connect(cancellationToken: stream.Token);
        var end = new SessionEnd(null);
        try
        {
            await Agent.RunAsync(message => call.RequestStream.WriteAsync(message, stream.Token), ReadAsync(stream.Token), stream.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("the stream was cut");
        }

        return end;

        async IAsyncEnumerable<ControlMessage> ReadAsync([EnumeratorCancellation] CancellationToken cut)
        {
            var first = true;
            await foreach (var message in call.ResponseStream.ReadAllAsync(cut))
            {
                if (first)
                {
                    first = false;
                    Streams++;
                    connected();
                }

                if (message.BodyCase == ControlMessage.BodyOneofCase.Drain)
                {
                    end = new SessionEnd(message.Drain.ReconnectWithin?.ToTimeSpan() ?? TimeSpan.FromSeconds(1));
                    yield break;
                }

                Count(message);
                yield return message;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _ending.Dispose();
    }

    // It may have ended by itself at this moment.
    private static void Cancel(CancellationTokenSource? what)
    {
        try
        {
            what?.Cancel();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task RunAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            // A loop of its own after every way home: it begins with the first choice.
            using var loop = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
            _loop = loop;
            await new ControlPlaneLoop(Agent.Node, Silos, this, TimeProvider.System, Random.Shared, NullLogger.Instance).RunAsync(loop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Count(ControlMessage message)
    {
        if (message.Update is { } update)
        {
            Resent += update.Resources.Count(resource => resource.Whole is not null &&
                Agent.State.Resources.TryGetValue((resource.Kind, resource.Name), out var held) &&
                held.Digest.ToBytes().AsSpan().SequenceEqual(resource.Digest.Span));
        }
    }

    private void Check(AgentState state)
    {
        var now = Stopwatch.GetTimestamp();
        var before = _generations;
        var after = Generations.Of(state, out var mixes);
        _generations = after;
        if (mixes.Count > 0)
        {
            lock (_gate)
            {
                _mixes.AddRange(mixes.Select(mix => $"node {Agent.Node}, {mix}"));
            }
        }

        foreach (var (tenant, generation) in after)
        {
            var old = before.GetValueOrDefault(tenant, -1);
            if (old != generation)
            {
                Arrived?.Invoke(tenant, old, generation, now);
            }
        }
    }
}
