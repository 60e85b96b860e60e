using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Contracts.Api.V1;
using Metadata = Vallum.Contracts.Api.V1.Metadata;
using Object = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Upgrade;

/// <summary>Changes without a break, each repeated until it is acknowledged, and written down then.</summary>
internal sealed class Traffic : IAsyncDisposable
{
    public const int Tenants = 4;
    private const int Policies = 100;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GiveUp = TimeSpan.FromMinutes(1);

    private readonly GrpcChannel[] _channels;
    private readonly IReadOnlyList<string> _nodes;
    private readonly ConcurrentDictionary<string, string> _nodeOf = new();
    private int _last;
    private int _repeated;
    private long _longest;

    public Traffic(IReadOnlyList<string> servers, IReadOnlyList<string> nodes)
    {
        _channels = [.. servers.Select(server => GrpcChannel.ForAddress(server))];
        (_nodes, First) = (nodes, servers[0]);
    }

    /// <summary>Endpoints that were acknowledged, "tenant/name", with their nodes.</summary>
    public IReadOnlyDictionary<string, string> Journal => _nodeOf;

    /// <summary>The server that is asked first.</summary>
    public string First { get; }

    /// <summary>Attempts that failed and were made again, since it was asked last.</summary>
    public int TakeRepeated() => Interlocked.Exchange(ref _repeated, 0);

    /// <summary>From the first attempt to the answer, of the change that took longest since it was asked last.</summary>
    public TimeSpan TakeLongest() => TimeSpan.FromTicks(Interlocked.Exchange(ref _longest, 0));

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var prepare = new ApplyRequest { RequestId = "prepare" };
        prepare.Objects.AddRange(_nodes.Select((name, index) => new Object
        {
            Node = new Node { Name = $"nodes/{name}", Spec = new NodeSpec { Addresses = { $"192.168.0.{index + 1}" } } },
        }));
        prepare.Objects.AddRange(Enumerable.Range(0, Tenants).Select(tenant => new Object { Tenant = new Tenant { Name = $"tenants/t{tenant}" } }));
        prepare.Objects.AddRange(Enumerable.Range(0, Tenants).Select(tenant => new Object { Segment = new Segment { Name = $"tenants/t{tenant}/segments/default", Spec = new SegmentSpec() } }));
        await PersistAsync(channel => new ResourceService.ResourceServiceClient(channel).ApplyAsync(prepare, deadline: DateTime.UtcNow + Deadline, cancellationToken: cancellationToken), cancellationToken);
        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            await WritePoliciesAsync(tenant, 0, cancellationToken);
        }
    }

    /// <summary>Until it is told to stop; each change that was begun is finished.</summary>
    public Task WriteAsync(CancellationToken stop, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Tenants).Select(tenant => WriteAsync(tenant, stop, cancellationToken)));

    /// <summary>Changes the policies of a tenant, all in one batch.</summary>
    public Task WritePoliciesAsync(int tenant, int round, CancellationToken cancellationToken)
    {
        var request = new ApplyRequest { RequestId = string.Create(CultureInfo.InvariantCulture, $"policies-{tenant}-{round}") };
        request.Objects.AddRange(Enumerable.Range(0, Policies).Select(number => new Object { Policy = Policy(tenant, number, round) }));
        return PersistAsync(channel => new ResourceService.ResourceServiceClient(channel).ApplyAsync(request, deadline: DateTime.UtcNow + Deadline, cancellationToken: cancellationToken), cancellationToken);
    }

    /// <summary>A question, asked until some silo answers.</summary>
    public async Task<T> PersistAsync<T>(Func<GrpcChannel, AsyncUnaryCall<T>> ask, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await ask(_channels[attempt % _channels.Length]);
            }
            catch (RpcException e) when (IsPassing(e.StatusCode) && !cancellationToken.IsCancellationRequested && Stopwatch.GetElapsedTime(begin) < GiveUp)
            {
                Interlocked.Increment(ref _repeated);
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private async Task WriteAsync(int tenant, CancellationToken stop, CancellationToken cancellationToken)
    {
        while (!stop.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _last);
            var node = _nodes[number % _nodes.Count];
            var name = $"t{tenant}/e{number}";
            var request = new CreateEndpointRequest
            {
                RequestId = name,
                Endpoint = new Endpoint
                {
                    Name = $"tenants/t{tenant}/endpoints/e{number}",
                    Metadata = new Metadata { Labels = { ["app"] = number % 2 == 0 ? "web" : "db" } },
                    Spec = new EndpointSpec { Node = node, Addresses = { $"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}" } },
                },
            };
            var begin = Stopwatch.GetTimestamp();
            await PersistAsync(channel => new EndpointService.EndpointServiceClient(channel).CreateEndpointAsync(request, deadline: DateTime.UtcNow + Deadline, cancellationToken: cancellationToken), cancellationToken);
            Note(Stopwatch.GetElapsedTime(begin));
            _nodeOf[name] = node;
            await Task.Delay(Between, cancellationToken);
        }
    }

    private void Note(TimeSpan took)
    {
        long seen;
        do
        {
            seen = Interlocked.Read(ref _longest);
        }
        while (took.Ticks > seen && Interlocked.CompareExchange(ref _longest, took.Ticks, seen) != seen);
    }

    private static Policy Policy(int tenant, int number, int round) => new()
    {
        Name = $"tenants/t{tenant}/policies/p{number}",
        Spec = new PolicySpec
        {
            Description = $"round {round}",
            Subject = { new PolicySubject { Selector = new LabelSelector { MatchLabels = { ["app"] = "web" } } } },
            Directions = { Direction.Ingress },
            Ingress = { new Rule { Peers = { new Peer { Endpoints = new EndpointSelector { Selector = new LabelSelector { MatchLabels = { ["app"] = "db" } } } } } } },
        },
    };

    private static bool IsPassing(StatusCode status) =>
        status is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Unknown or StatusCode.Internal or StatusCode.Aborted or StatusCode.Cancelled
            or StatusCode.ResourceExhausted;
}
