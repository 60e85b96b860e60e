namespace Vallum.Load.Reports;

/// <summary>What must be the same for two runs to be compared.</summary>
internal sealed record Hardware(int Cores, string Processor, long MemoryGiB, string System, string Runtime)
{
    public override string ToString() => $"{Cores} cores ({Processor}), {MemoryGiB} GiB, {System}, .NET {Runtime}";
}
