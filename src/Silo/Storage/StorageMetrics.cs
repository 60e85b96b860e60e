using System.Diagnostics.Metrics;
using Vallum.Silo.Diagnostics;

namespace Vallum.Silo.Storage;

/// <summary>What grains do to their rows, whatever storage is behind them.</summary>
internal sealed class StorageMetrics
{
    private readonly Counter<long> _reads;
    private readonly Counter<long> _writes;
    private readonly Counter<long> _clears;

    public StorageMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(SiloMetrics.MeterName);
        _reads = meter.CreateCounter<long>("vallum.storage.row_reads", "{row}", "Rows that grains read.");
        _writes = meter.CreateCounter<long>("vallum.storage.row_writes", "{row}", "Rows that grains wrote durably.");
        _clears = meter.CreateCounter<long>("vallum.storage.row_clears", "{row}", "Rows that grains deleted.");
    }

    public void Read() => _reads.Add(1);

    public void Wrote() => _writes.Add(1);

    public void Cleared() => _clears.Add(1);
}
