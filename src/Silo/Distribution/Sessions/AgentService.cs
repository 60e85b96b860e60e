using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Agents;
using Vallum.Manifests.Parsing;
using Vallum.Primitives;
using Vallum.Silo.Hosting;
using RpcStatus = Google.Rpc.Status;
using Status = Grpc.Core.Status;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>The border towards agents: who may open a stream, and with what first words.</summary>
internal sealed partial class AgentService(
    SessionScope scope,
    OpenSessions open,
    NodeStreams streams,
    IAgentIdentity identity,
    IHostApplicationLifetime lifetime,
    ILogger<AgentService> logger) : Contracts.Agent.V1.AgentService.AgentServiceBase
{
    private const int LongestText = 256;

    public override async Task Connect(
        IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<ControlMessage> responseStream, ServerCallContext context)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "shutting down"));
        }

        var hello = await HelloAsync(requestStream, context.CancellationToken);
        if (!identity.MayServe(context, hello.Node))
        {
            throw OtherNode(hello.Node);
        }

        EnsureSpoken(hello);
        if (!streams.TryEnter(hello.Node))
        {
            throw TooManyStreams(hello.Node);
        }

        try
        {
            await ServeAsync(new GrpcAgentStream(requestStream, responseStream, context), hello, context.CancellationToken);
        }
        finally
        {
            streams.Leave(hello.Node);
        }
    }

    private async Task ServeAsync(GrpcAgentStream stream, Hello hello, CancellationToken cancelled)
    {
        var session = new AgentSession(stream, hello, Guid.NewGuid().ToString("N"), scope);
        await AttachAsync(session, hello, cancelled);
        Connected(logger, hello.Node, hello.AgentVersion, hello.Backend);
        scope.Metrics.Opened();
        open.Add(hello.Node, session);
        try
        {
            await session.RunAsync(lifetime.ApplicationStopping, cancelled);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            // The agent has gone: there is nobody to tell.
        }
        catch (IOException)
        {
            // Its connection broke.
        }
        finally
        {
            open.Remove(hello.Node, session);
            scope.Metrics.Closed();
            Disconnected(logger, hello.Node);
            await DetachAsync(session, hello);
        }
    }

    private async Task<Hello> HelloAsync(IAsyncStreamReader<AgentMessage> stream, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(scope.Options.HelloDeadline, scope.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (!await stream.MoveNext(either.Token))
            {
                throw Invalid("the stream ended before a Hello");
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, "no Hello in time"));
        }

        var hello = stream.Current.Hello ?? throw Invalid("the first message is not a Hello");
        return hello switch
        {
            _ when !ObjectName.IsValidId(ObjectType.Node, hello.Node) => throw Invalid("hello.node: not a node's name"),
            { InstanceId: { Length: 0 or > LongestText } } => throw Invalid($"hello.instance_id: 1 to {LongestText} characters"),
            { AgentVersion.Length: > LongestText } or { Backend.Length: > LongestText } => throw Invalid("hello.agent_version, hello.backend: too long"),
            { HeldDigest.Length: not (0 or Digest.Length) } => throw Invalid($"hello.held_digest: {Digest.Length} bytes"),
            _ => hello,
        };
    }

    /// <exception cref="RpcException">Agent and silo have no protocol level in common.</exception>
    private void EnsureSpoken(Hello hello)
    {
        var said = ProtocolLevels.Said(hello.OldestProtocol, hello.NewestProtocol);
        var own = ProtocolLevels.Own;
        if (own.InCommonWith(said) is not null)
        {
            return;
        }

        NotSpoken(logger, hello.Node, hello.AgentVersion, said, own);
        throw new RpcStatus
        {
            Code = (int)Code.FailedPrecondition,
            Message = $"agent {hello.AgentVersion} of node {hello.Node} speaks {said} of the agents' protocol, and this silo ({SiloProcess.Version}) {own}: " +
                $"upgrade the {(said.Oldest > own.Newest ? "silos" : "agent")}",
            Details =
            {
                Any.Pack(new ErrorInfo
                {
                    Reason = "PROTOCOL_NOT_SPOKEN",
                    Domain = "vallum",
                    Metadata =
                    {
                        ["oldest_protocol"] = own.Oldest.ToString(CultureInfo.InvariantCulture),
                        ["newest_protocol"] = own.Newest.ToString(CultureInfo.InvariantCulture),
                        ["silo_version"] = SiloProcess.Version,
                    },
                }),
            },
        }.ToRpcException();
    }

    private async Task AttachAsync(AgentSession session, Hello hello, CancellationToken cancellationToken)
    {
        try
        {
            if (await session.AttachAsync(cancellationToken))
            {
                return;
            }
        }
        catch (Exception exception)
        {
            session.Abandon();
            OwnerFailed(logger, hello.Node, exception);
            throw new RpcException(new Status(StatusCode.Unavailable, "the node's owner could not be reached"));
        }

        session.Abandon();
        throw new RpcStatus
        {
            Code = (int)Code.AlreadyExists,
            Message = $"another agent instance serves node {hello.Node}",
            Details =
            {
                Any.Pack(new ErrorInfo { Reason = "NODE_ALREADY_CONNECTED", Domain = "vallum", Metadata = { ["node"] = hello.Node } }),
            },
        }.ToRpcException();
    }

    private async Task DetachAsync(AgentSession session, Hello hello)
    {
        try
        {
            await scope.Nodes.Detach(hello.Node, session.Id);
        }
        catch (Exception exception)
        {
            // Missed reports end the claim.
            OwnerFailed(logger, hello.Node, exception);
        }
    }

    private static RpcException OtherNode(string node) => new RpcStatus
    {
        Code = (int)Code.PermissionDenied,
        Message = $"the certificate does not name node {node}: give the agent that node's certificate, or start it with --node as its certificate says",
        Details = { Any.Pack(new ErrorInfo { Reason = "OTHER_NODE", Domain = "vallum", Metadata = { ["node"] = node } }) },
    }.ToRpcException();

    private static RpcException TooManyStreams(string node) => new RpcStatus
    {
        Code = (int)Code.ResourceExhausted,
        Message = $"node {node} has as many streams open as one may",
        Details =
        {
            Any.Pack(new ErrorInfo { Reason = "TOO_MANY_STREAMS_OF_NODE", Domain = "vallum", Metadata = { ["node"] = node } }),
            Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) }),
        },
    }.ToRpcException();

    private static RpcException Invalid(string detail) => new(new Status(StatusCode.InvalidArgument, detail));

    [LoggerMessage(Level = LogLevel.Information, Message = "Agent of node {Node} connected: {Version}, {Backend}")]
    private static partial void Connected(ILogger logger, string node, string version, string backend);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Agent {Version} of node {Node} is refused: it speaks {Said} of the protocol, this silo {Own}")]
    private static partial void NotSpoken(ILogger logger, string node, string version, ProtocolLevels said, ProtocolLevels own);

    [LoggerMessage(Level = LogLevel.Information, Message = "Agent of node {Node} disconnected")]
    private static partial void Disconnected(ILogger logger, string node);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The owner of node {Node} could not be reached")]
    private static partial void OwnerFailed(ILogger logger, string node, Exception exception);
}
