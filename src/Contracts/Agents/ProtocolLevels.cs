namespace Vallum.Contracts.Agents;

/// <summary>
/// The levels of the agents' stream (vallum.agent.v1) that a build speaks. A level rises only with what an agent or silo of the level before cannot leave
/// out; fields and messages that the other side may ignore, and capabilities, need none. A build that raises <see cref="Newest"/> keeps the level before
/// for one minor version, so that agents and silos one version apart have one in common.
/// </summary>
public readonly record struct ProtocolLevels(uint Oldest, uint Newest)
{
    /// <summary>Spoken by every build that does not say its levels.</summary>
    public const uint First = 1;

    /// <summary>Of this build.</summary>
    public static ProtocolLevels Own { get; } = new(First, First);

    /// <summary>Levels as they come over the wire, where 0 is "not said".</summary>
    public static ProtocolLevels Said(uint oldest, uint newest)
    {
        var from = Math.Max(oldest, First);
        return new ProtocolLevels(from, Math.Max(newest, from));
    }

    /// <summary>The newest level that both speak; null: none.</summary>
    public uint? InCommonWith(ProtocolLevels other)
    {
        var newest = Math.Min(Newest, other.Newest);
        return newest >= Math.Max(Oldest, other.Oldest) ? newest : null;
    }

    /// <summary>Whether the level is one of these.</summary>
    public bool Include(uint level) => level >= Oldest && level <= Newest;

    /// <summary>Such as "level 1", or "levels 1 to 2".</summary>
    public override string ToString() => Oldest == Newest ? $"level {Oldest}" : $"levels {Oldest} to {Newest}";
}
