namespace Vallum.Load.Running;

/// <summary>What processes have used of the processors, to a hundredth of a second.</summary>
/// <param name="Agents">All agents together, without <paramref name="Commands"/>.</param>
/// <param name="Commands">What agents ran and waited for: ipset, iptables-restore, iptables-save.</param>
internal readonly record struct ProcessorTime(TimeSpan Silo, TimeSpan Agents, TimeSpan Commands)
{
    public static ProcessorTime operator -(ProcessorTime after, ProcessorTime before) =>
        new(after.Silo - before.Silo, after.Agents - before.Agents, after.Commands - before.Commands);
}
