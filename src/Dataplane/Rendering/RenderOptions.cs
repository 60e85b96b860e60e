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

    /// <summary>
    /// Rules that a run of one outcome may take before its policies are merged into sets, 0 and up. Below, each policy has rules of its own that count
    /// what they match, at about 0.1 µs each; merged, any number costs what these do.
    /// </summary>
    public int UnmergedConditions { get; init; } = 8;

    /// <summary>
    /// Ranges of ports of one protocol that a merged run asks one by one, at about 0.05 µs each, 0 and up. Above, they are cut into aligned parts, found
    /// in three steps of about 2 µs in all: hundreds of rules and sets, which therefore should not be the rule.
    /// </summary>
    public int UncutRanges { get; init; } = 16;

    /// <summary>
    /// Members from which on a merged run does not copy a group into its sets, 0 and up: the run asks the group's own set, which all chains share, for
    /// the largest groups in up to 8 rules.
    /// </summary>
    public int UncopiedMembers { get; init; } = 1024;
}
