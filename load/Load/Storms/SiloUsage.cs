using System.Globalization;

namespace Vallum.Load.Storms;

/// <summary>What a process has used, read from /proc (proc(5)).</summary>
/// <param name="Processor">User and system, to a hundredth of a second.</param>
/// <param name="Memory">Resident, in MiB.</param>
internal readonly record struct SiloUsage(TimeSpan Processor, double Memory)
{
    // sysconf(_SC_CLK_TCK) is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    public static SiloUsage Of(int process)
    {
        // Behind the program's name, which may hold anything, in brackets.
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var pages = long.Parse(fields[21], CultureInfo.InvariantCulture);
        return new SiloUsage(
            TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond),
            pages * (double)Environment.SystemPageSize / (1 << 20));
    }
}
