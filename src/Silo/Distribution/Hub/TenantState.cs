using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>What this silo knows of one tenant: what is published to its nodes, what is to be published next, and how far its owner has been asked.</summary>
internal sealed class TenantState(string name)
{
    public string Name => name;

    /// <summary>At one revision: a cut.</summary>
    public Dictionary<CompiledKey, TenantResource> Resources { get; } = [];

    /// <summary>The committed revision that is published; 0: none.</summary>
    public long Revision { get; set; }

    public long ClusterRevision { get; set; }

    public bool IsPublished { get; set; }

    /// <summary>The published form holds all of the tenant's resources, not only wanted parts.</summary>
    public bool IsPublishedFull { get; set; }

    /// <summary>What the next cut brings; null: nothing.</summary>
    public TenantDraft? Draft { get; set; }

    /// <summary>The served nodes that may have endpoints of the tenant.</summary>
    public FewSet<ServedNode> Nodes { get; } = new();

    /// <summary>The served nodes that have.</summary>
    public FewSet<ServedNode> BoundNodes { get; } = new();

    /// <summary>The parts that groups of this silo take from the tenant, by id.</summary>
    public Dictionary<string, PartUse> Parts { get; } = [];

    /// <summary>The nodes on which something of the tenant is not yet in the kernel.</summary>
    public FewSet<ServedNode> MarkedBy { get; } = new();

    /// <summary>How many of <see cref="Parts"/> policies of other tenants need.</summary>
    public int WantedParts { get; set; }

    public bool IsNeeded => Nodes.Count > 0 || WantedParts > 0;

    /// <summary>When nobody needed it any more; null while somebody does.</summary>
    public long? IdleSince { get; set; }

    /// <summary>When the last served node went; null while there is one.</summary>
    public long? UnservedSince { get; set; }

    /// <summary>When the owner was last told how far nodes are; null: it knows of none.</summary>
    public long? ReportedAt { get; set; }

    /// <summary>Nobody follows it any more: what still arrives is not for this state.</summary>
    public bool IsDropped { get; set; }

    // How far the owner has been asked.
    public bool Full { get; set; }

    public long Epoch { get; private set; }

    public long Sequence { get; private set; }

    public long WantsVersion { get; set; }

    /// <summary>The version of the wants that the owner's activation knows; -1: none.</summary>
    public long ToldWants { get; set; } = -1;

    /// <summary>The version of the wants for which every part that there is has arrived.</summary>
    public long AnsweredWants { get; set; } = -1;

    public ResourceContent? Published(CompiledKey key) => Resources.GetValueOrDefault(key)?.Content;

    public void MoveCursor(long epoch, long sequence) => (Epoch, Sequence) = (epoch, sequence);

    /// <summary>The next answer is the whole.</summary>
    public void ResetCursor() => MoveCursor(0, 0);

    public PullRequest Request(string hub, TimeSpan wait) => new(
        hub,
        Epoch,
        Sequence,
        Full,
        WantsVersion,
        ToldWants == WantsVersion ? null : [.. Parts.Values.Where(p => p.IsWanted).Select(p => p.Want)],
        wait,
        Draft?.ClusterRevision ?? ClusterRevision);

    /// <summary>Whether a wanted part is there or is to be.</summary>
    public bool HasPart(string part) =>
        Draft?.Resources.GetValueOrDefault(CompiledKey.Part(part)) is { } draft ? !draft.IsGone : Resources.ContainsKey(CompiledKey.Part(part));
}

/// <summary>A published resource of a tenant.</summary>
/// <param name="Groups">Of policy rules: the groups that they name.</param>
internal sealed record TenantResource(ResourceContent Content, ImmutableArray<HubGroup> Groups);

/// <summary>The next cut of a tenant, folded from any number of replies.</summary>
internal sealed class TenantDraft
{
    public Dictionary<CompiledKey, DraftResource> Resources { get; } = [];

    public long Revision { get; set; }

    public long ClusterRevision { get; set; }

    public bool IsFull { get; set; }

    /// <summary>When the first reply came that has not been published.</summary>
    public required long Since { get; init; }
}

/// <summary>One part of a tenant in the groups of this silo.</summary>
internal sealed class PartUse(PartWant want)
{
    public PartWant Want => want;

    public FewSet<HubGroup> Groups { get; } = new();

    /// <summary>A group of somebody else's policy needs it: the tenant makes it only when told.</summary>
    public bool IsWanted { get; set; }

    /// <summary>The version of the tenant's wants that first had it.</summary>
    public long Since { get; set; }
}
