using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vallum.Contracts.Agent.V1;

namespace Vallum.NodeAgent.Tests.Wire;

/// <summary>A control plane whose part a test plays: each stream of an agent waits in a queue to be spoken to.</summary>
internal sealed class FakeSilo : AgentService.AgentServiceBase, IAsyncDisposable
{
    private readonly Channel<AgentStream> _streams = Channel.CreateUnbounded<AgentStream>();
    private WebApplication? _app;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Streams are refused with this while it is set.</summary>
    public Grpc.Core.Status? Refusal { get; set; }

    public int Attempts { get; private set; }

    public static async Task<FakeSilo> StartAsync()
    {
        var silo = new FakeSilo();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(silo);
        silo._app = builder.Build();
        silo._app.MapGrpcService<FakeSilo>();
        await silo._app.StartAsync();
        silo.Address = new Uri(silo._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return silo;
    }

    public override async Task Connect(
        IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<ControlMessage> responseStream, ServerCallContext context)
    {
        Attempts++;
        if (Refusal is { } refusal)
        {
            throw new RpcException(refusal);
        }

        var stream = new AgentStream(requestStream, responseStream, context.CancellationToken);
        _streams.Writer.TryWrite(stream);
        await stream.Ended;
    }

    /// <summary>The next stream of an agent, with its hello.</summary>
    public async Task<(AgentStream Stream, Hello Hello)> AcceptAsync(CancellationToken cancellationToken)
    {
        var stream = await _streams.Reader.ReadAsync(cancellationToken);
        return (stream, (await stream.ReceiveAsync()).Hello.ShouldNotBeNull());
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await _app.StopAsync(now.Token);
            await _app.DisposeAsync();
        }
    }
}

internal sealed class AgentStream(IAsyncStreamReader<AgentMessage> reader, IServerStreamWriter<ControlMessage> writer, CancellationToken gone)
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Ended => _end.Task.WaitAsync(gone).ContinueWith(_ => { }, TaskScheduler.Default);

    public Task SendAsync(Update update) => writer.WriteAsync(new ControlMessage { Update = update }, gone);

    public Task SendAsync(ControlMessage message) => writer.WriteAsync(message, gone);

    /// <summary>The next message that is not a report.</summary>
    public async Task<AgentMessage> ReceiveAsync()
    {
        do
        {
            (await reader.MoveNext(gone)).ShouldBeTrue("the agent ended the stream");
        }
        while (reader.Current.BodyCase == AgentMessage.BodyOneofCase.Report);
        return reader.Current;
    }

    /// <summary>The next report; other messages before it are passed over.</summary>
    public async Task<NodeReport> ReportAsync()
    {
        do
        {
            (await reader.MoveNext(gone)).ShouldBeTrue("the agent ended the stream");
        }
        while (reader.Current.BodyCase != AgentMessage.BodyOneofCase.Report);
        return reader.Current.Report;
    }

    /// <summary>Until the agent has gone, with a reset or with a proper end: it is free in how. Reports are passed over.</summary>
    public async Task ShouldBeLeftAsync()
    {
        try
        {
            while (await reader.MoveNext(gone))
            {
                reader.Current.BodyCase.ShouldBe(AgentMessage.BodyOneofCase.Report);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // A reset.
        }
    }

    /// <summary>Ends the stream from this side.</summary>
    public void End() => _end.TrySetResult();
}
