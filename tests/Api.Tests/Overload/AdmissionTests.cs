using System.Net;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Health.V1;
using Vallum.Agents;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Api.V1;

namespace Vallum.Api.Tests.Overload;

/// <summary>Past its limits the silo says so, says when to come back, and has changed nothing.</summary>
[Collection(nameof(SmallSilo))]
public sealed class AdmissionTests(SmallSilo small)
{
    private const int Attempts = 500;

    private readonly Calls.Api _api = small.Api;
    private readonly string _tenant = SharedSilo.NewName();

    [Fact]
    public async Task More_calls_than_one_caller_may_have_open_are_refused_and_health_is_told_all_the_same()
    {
        await _api.ApplyAsync([.. Given.Shop(_tenant, $"{_tenant}-node"), Given.Policy(_tenant, "p", "web", "80")]);
        using var leaving = new CancellationTokenSource();
        var waits = Enumerable.Range(0, SmallSilo.CallsOfCaller + 5).Select(_ => _api.Status.WaitRealizedAsync(
            new WaitRealizedRequest { Names = { $"tenants/{_tenant}" }, Timeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)) }, cancellationToken: leaving.Token).ResponseAsync).ToList();

        var refusal = await UntilRefusedAsync(() => _api.ApplyAsync(Given.Segment(_tenant, SharedSilo.NewName())));

        (refusal.Code, refusal.Reason, refusal.RetryAfter).ShouldBe((StatusCode.ResourceExhausted, "TOO_MANY_CALLS_OF_CALLER", TimeSpan.FromSeconds(1)));
        (await new Health.HealthClient(small.Silo.Channel).CheckAsync(new HealthCheckRequest(), cancellationToken: Calls.Api.Cancelled)).Status
            .ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
        await leaving.CancelAsync();
        await ((Task)Task.WhenAll(waits)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await UntilTakenAsync(() => _api.ApplyAsync(Given.Segment(_tenant, "after")));
    }

    [Fact]
    public async Task More_watches_than_one_caller_may_have_are_refused_and_the_others_go_on()
    {
        await _api.ApplyAsync(Given.Tenant(_tenant));
        var watches = Enumerable.Range(0, SmallSilo.StreamsOfCaller).Select(_ => Watch()).ToList();
        foreach (var watch in watches)
        {
            (await watch.ResponseStream.MoveNext(Calls.Api.Cancelled)).ShouldBeTrue();
        }

        using var more = Watch();
        var refusal = await Refusal.OfAsync(() => more.ResponseStream.MoveNext(Calls.Api.Cancelled));

        (refusal.Code, refusal.Reason, refusal.RetryAfter).ShouldBe((StatusCode.ResourceExhausted, "TOO_MANY_STREAMS_OF_CALLER", TimeSpan.FromSeconds(5)));
        watches.ForEach(watch => watch.Dispose());
        await UntilTakenAsync(async () =>
        {
            using var again = Watch();
            await again.ResponseStream.MoveNext(Calls.Api.Cancelled);
        });
    }

    [Fact]
    public async Task Writers_beyond_what_a_tenant_lets_wait_are_refused_and_only_what_was_answered_is_there()
    {
        await _api.ApplyAsync(Given.Tenant(_tenant));

        var writes = await Task.WhenAll(Enumerable.Range(0, SmallSilo.CallsOfCaller - 10).Select(i => WriteAsync($"s{i}")));

        writes.Count(write => write.Refusal is null).ShouldBeGreaterThan(0);
        var refused = writes.Select(write => write.Refusal).OfType<Refusal>().ToList();
        refused.ShouldNotBeEmpty();
        refused.ShouldAllBe(refusal => refusal.Code == StatusCode.ResourceExhausted && refusal.Reason == "TOO_MANY_WAITING" && refusal.RetryAfter != null);
        var (there, _) = await _api.ListAsync("Segment", new ListRequest { Parent = $"tenants/{_tenant}", PageSize = 100 });
        there.Select(Calls.Api.NameOf).ShouldBe(writes.Where(write => write.Refusal is null).Select(write => $"tenants/{_tenant}/segments/{write.Name}"), ignoreOrder: true);
    }

    [Fact]
    public async Task A_request_that_does_not_come_whole_gives_back_its_room()
    {
        using var client = new HttpClient();
        using var endless = new Endless(60 << 20);
        using var slow = new HttpRequestMessage(HttpMethod.Post, $"{small.Silo.Address}/vallum.api.v1.ResourceService/Apply")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = endless,
        };
        var answer = client.SendAsync(slow, Calls.Api.Cancelled);
        await endless.Begun;

        var large = Given.Apply(Given.NetworkSet(SharedSilo.NewName(), [.. Enumerable.Range(0, 50_000).Select(i => $"2001:db8:{i:x}:aaaa:bbbb:cccc:dddd:eeee/128")]));
        for (var i = 0; i < 3; i++)
        {
            large.Objects.Add(large.Objects[0]);
        }

        var refusal = await Refusal.OfAsync(_api.Resources.ApplyAsync(large, cancellationToken: Calls.Api.Cancelled));

        (refusal.Code, refusal.Reason, refusal.RetryAfter).ShouldBe((StatusCode.ResourceExhausted, "TOO_MANY_BYTES", TimeSpan.FromSeconds(1)));
        var ended = await answer;
        ended.Headers.Concat(ended.TrailingHeaders).Single(header => header.Key == "grpc-status").Value.ShouldBe([$"{(int)StatusCode.DeadlineExceeded}"]);
        (await Refusal.OfAsync(_api.Resources.ApplyAsync(large, cancellationToken: Calls.Api.Cancelled))).Reason.ShouldBe("DUPLICATE_NAME");
    }

    [Fact]
    public async Task A_node_has_no_more_streams_than_it_may()
    {
        // A stream that comes later ends those before it, which gives their room back: so many come at once that some must find none.
        var hello = new InMemoryAgent(_tenant).Hello();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Calls.Api.Cancelled);
        var streams = Enumerable.Range(0, 50).Select(_ => EndOfAsync(hello, enough.Token)).ToList();

        RpcException? refused = null;
        await foreach (var end in Task.WhenEach(streams))
        {
            if ((refused = await end) is { StatusCode: StatusCode.ResourceExhausted })
            {
                break;
            }
        }

        var refusal = await Refusal.OfAsync(() => Task.FromException(refused.ShouldNotBeNull()));
        (refusal.Code, refusal.Reason, refusal.RetryAfter).ShouldBe((StatusCode.ResourceExhausted, "TOO_MANY_STREAMS_OF_NODE", TimeSpan.FromSeconds(5)));
        await enough.CancelAsync();
        await Task.WhenAll(streams);
    }

    [Fact]
    public async Task An_agent_that_says_it_holds_more_than_any_node_can_is_reset()
    {
        var hello = new InMemoryAgent(_tenant).Hello();
        hello.HeldDigest = Google.Protobuf.ByteString.CopyFrom(Enumerable.Repeat((byte)1, hello.HeldDigest.Length).ToArray());
        using var call = await ConnectAsync(hello);
        (await call.ResponseStream.MoveNext(Calls.Api.Cancelled)).ShouldBeTrue();
        call.ResponseStream.Current.BodyCase.ShouldBe(ControlMessage.BodyOneofCase.ListHeld);

        await call.RequestStream.WriteAsync(new AgentMessage
        {
            Held = new Held { Resources = { Enumerable.Range(0, 1001).Select(i => new ResourceVersion { Kind = ResourceKind.Profile, Name = $"a{i}" }) } },
        }, Calls.Api.Cancelled);

        (await Should.ThrowAsync<RpcException>(call.ResponseStream.MoveNext(Calls.Api.Cancelled))).StatusCode.ShouldBe(StatusCode.ResourceExhausted);
    }

    /// <returns>What the stream ended with; null where it was ended without an error.</returns>
    private async Task<RpcException?> EndOfAsync(Hello hello, CancellationToken cancellationToken)
    {
        try
        {
            using var call = await ConnectAsync(hello);
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
            }

            return null;
        }
        catch (RpcException end)
        {
            return end;
        }
    }

    private async Task<AsyncDuplexStreamingCall<AgentMessage, ControlMessage>> ConnectAsync(Hello hello)
    {
        var call = new AgentService.AgentServiceClient(small.Silo.Channel).Connect(cancellationToken: Calls.Api.Cancelled);
        await call.RequestStream.WriteAsync(new AgentMessage { Hello = hello }, Calls.Api.Cancelled);
        return call;
    }

    private AsyncServerStreamingCall<WatchEvent> Watch() =>
        _api.Resources.Watch(new WatchRequest { Parent = $"tenants/{_tenant}" }, cancellationToken: Calls.Api.Cancelled);

    private async Task<(string Name, Refusal? Refusal)> WriteAsync(string name)
    {
        try
        {
            await _api.ApplyAsync(Given.Segment(_tenant, name));
            return (name, null);
        }
        catch (RpcException refused)
        {
            return (name, await Refusal.OfAsync(() => Task.FromException(refused)));
        }
    }

    private static async Task<Refusal> UntilRefusedAsync(Func<Task> call)
    {
        for (var attempt = 0; ; attempt++)
        {
            attempt.ShouldBeLessThan(Attempts);
            try
            {
                await call();
                await Task.Delay(10, Calls.Api.Cancelled);
            }
            catch (RpcException refused)
            {
                return await Refusal.OfAsync(() => Task.FromException(refused));
            }
        }
    }

    private static async Task UntilTakenAsync(Func<Task> call)
    {
        for (var attempt = 0; ; attempt++)
        {
            attempt.ShouldBeLessThan(Attempts);
            try
            {
                await call();
                return;
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted)
            {
                await Task.Delay(10, Calls.Api.Cancelled);
            }
        }
    }

    /// <summary>The begin of a message, whose rest never comes.</summary>
    private sealed class Endless : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _ended = new();
        private readonly int _length;

        public Endless(int length)
        {
            _length = length;
            Headers.ContentType = new("application/grpc");
        }

        public Task Begun => _begun.Task;

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var begin = new byte[1000];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(begin.AsSpan(1), _length);
            await stream.WriteAsync(begin, _ended.Token);
            await stream.FlushAsync(_ended.Token);
            await Task.Delay(100, _ended.Token);
            _begun.SetResult();
            await Task.Delay(Timeout.Infinite, _ended.Token);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _ended.Cancel();
            base.Dispose(disposing);
        }
    }
}
