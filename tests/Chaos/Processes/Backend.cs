namespace Vallum.Chaos.Processes;

/// <summary>What the silos of a cluster share.</summary>
public enum Backend
{
    /// <summary>One file.</summary>
    Sqlite,

    /// <summary>A redis-server that syncs its log at every write.</summary>
    Redis,
}
