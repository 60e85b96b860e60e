using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>What the node's operator decides about the layout. Equal options and equal states give equal text.</summary>
public sealed record RenderOptions
{
    public static readonly RenderOptions Default = new();

    /// <summary>
    /// What becomes of a flow of our endpoints that both directions allow. True: ACCEPT, whatever rules of others follow in FORWARD. False: RETURN,
    /// so that they judge it too; on a node with Docker, whose FORWARD policy is DROP, that needs a rule of the operator's.
    /// </summary>
    public bool AcceptAllowed { get; init; } = true;

    /// <summary>
    /// Packets that conntrack calls INVALID are dropped. False where replies may take another way than requests (asymmetric routing, DSR).
    /// </summary>
    public bool DropInvalid { get; init; } = true;

    /// <summary>
    /// Interfaces that lead to endpoints and nothing else, as iptables patterns ("vw+"). From one, only a bound address of that interface may send; to
    /// one, only to a bound address may be sent: an endpoint that no binding knows is cut off.
    /// </summary>
    public ImmutableArray<string> WorkloadInterfaces { get; init; } = [];

    /// <summary>Blocks that this node's endpoints have their addresses from: an address in one that no binding knows is cut off.</summary>
    public ImmutableArray<Cidr> WorkloadBlocks { get; init; } = [];

    /// <summary>The NFLOG group that denied packets are reported to, 10 a second; null: none. Rules with `log` use it too, or group 9.</summary>
    public int? LogGroup { get; init; }

    /// <summary>What no policy of the node can forbid.</summary>
    public Failsafe Failsafe { get; init; } = Failsafe.None;
}
