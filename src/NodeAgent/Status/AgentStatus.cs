using System.Text.Json.Serialization;

namespace Vallum.NodeAgent.Status;

/// <summary>What `vallum-agent status` shows, kept in the state directory.</summary>
internal sealed record AgentStatus
{
    public string Node { get; init; } = "";

    public string Backend { get; init; } = "";

    /// <summary>What the kernel was found to be able to do, and what of that it was not; see <see cref="Kernel.Capabilities"/>.</summary>
    public string[] Capabilities { get; init; } = [];

    public string[] Missing { get; init; } = [];

    /// <summary>32 hexadecimal digits over everything that the kernel enforces; null when nothing was applied in this run.</summary>
    public string? AppliedDigest { get; init; }

    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>From the arrival of the last update to the kernel's answer.</summary>
    public TimeSpan? LastApply { get; init; }

    public int Endpoints { get; init; }

    /// <summary>The last failure to apply; null when the last apply succeeded.</summary>
    public string? LastError { get; init; }

    /// <summary>What an operator must know of the node, though everything is applied; null: nothing.</summary>
    public string? Warning { get; init; }

    public ulong DriftRepairs { get; init; }

    /// <summary>Open flows that were ended in this run because a change revoked them.</summary>
    public long EndedFlows { get; init; }

    /// <summary>Why revoked flows cannot be ended; null: they can, as far as is known.</summary>
    public string? RevocationFailure { get; init; }

    /// <summary>The silo that the agent is connected to; null when to none.</summary>
    public string? ConnectedTo { get; init; }

    /// <summary>Since when it is connected, or is not.</summary>
    public DateTimeOffset? Since { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(AgentStatus))]
internal sealed partial class AgentStatusJson : JsonSerializerContext;
