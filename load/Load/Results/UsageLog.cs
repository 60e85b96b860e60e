using Vallum.Load.Storms;

namespace Vallum.Load.Results;

/// <summary>What processes had used at some moments of a run.</summary>
internal sealed class UsageLog(Func<IReadOnlyList<int>> processes)
{
    private readonly Lock _gate = new();
    private readonly List<(TimeSpan At, SiloUsage Usage)> _looks = [];

    /// <summary>Together, now. A process that has just ended counts nothing.</summary>
    public void Look(TimeSpan at)
    {
        var usage = new SiloUsage(TimeSpan.Zero, 0);
        foreach (var process in processes())
        {
            try
            {
                var one = SiloUsage.Of(process);
                usage = new SiloUsage(usage.Processor + one.Processor, usage.Memory + one.Memory);
            }
            catch (IOException)
            {
                // It has ended: a scenario may kill one.
            }
        }

        lock (_gate)
        {
            _looks.Add((at, usage));
        }
    }

    /// <summary>Null where there was nothing to look at, or nobody looked.</summary>
    public (double? Cores, double? Memory) Between(TimeSpan from, TimeSpan to)
    {
        lock (_gate)
        {
            var looks = _looks.Where(look => look.At >= from - TimeSpan.FromMilliseconds(100) && look.At <= to + TimeSpan.FromMilliseconds(100)).ToList();
            return looks.Count < 2 || looks[^1].Usage.Memory == 0
                ? (null, null)
                // A process that was started anew begins at nothing.
                : (Math.Max(0, (looks[^1].Usage.Processor - looks[0].Usage.Processor) / (looks[^1].At - looks[0].At)), looks.Max(look => look.Usage.Memory));
        }
    }

    public UsageResult? Result(TimeSpan length, long operations) => Between(TimeSpan.Zero, length) is ({ } cores, { } memory)
        ? new UsageResult(cores, operations == 0 ? 0 : cores * length.TotalMilliseconds / operations, memory)
        : null;
}
