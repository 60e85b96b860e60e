namespace Vallum.Load.Outages;

/// <summary>What happens to a cluster of three silos.</summary>
internal enum Outage
{
    /// <summary>kill -9 of a silo, which stays away.</summary>
    Killed,

    /// <summary>SIGSTOP of a silo, which stays frozen.</summary>
    Frozen,

    /// <summary>SIGTERM of a silo, which stays away.</summary>
    Stopped,

    /// <summary>One silo after the other: SIGTERM, and started anew when it has ended; the next one when it is ready.</summary>
    Rolling,

    /// <summary>kill -9 of the redis-server, and started anew at once.</summary>
    Storage,
}
