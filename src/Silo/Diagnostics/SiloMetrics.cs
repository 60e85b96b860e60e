using System.Diagnostics.Metrics;

namespace Vallum.Silo.Diagnostics;

/// <summary>What the silo measures of its own work. Base units; no label names a tenant, a policy or a node.</summary>
internal sealed class SiloMetrics
{
    /// <summary>The meter's name; its instruments begin with "vallum.".</summary>
    public const string MeterName = "Vallum.Silo";

    private readonly Counter<long> _commits;
    private readonly Counter<long> _changes;
    private readonly Histogram<double> _compile;

    public SiloMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _commits = meter.CreateCounter<long>("vallum.tenant.commits", "{batch}", "Batches that tenants committed.");
        _changes = meter.CreateCounter<long>("vallum.tenant.changes", "{object}", "Objects that those batches changed.");
        _compile = meter.CreateHistogram<double>("vallum.compile.duration", "s", "From a commit to its published difference, encoded.");
    }

    public void Committed(int changes, TimeSpan compiled)
    {
        _commits.Add(1);
        _changes.Add(changes);
        _compile.Record(compiled.TotalSeconds);
    }
}
