using System.Diagnostics.Metrics;
using Grpc.Core;
using Vallum.Silo.Diagnostics;

namespace Vallum.Silo.Admission;

/// <summary>What was more than the silo takes.</summary>
internal sealed class AdmissionMetrics
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _cut;

    public AdmissionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(SiloMetrics.MeterName);
        _refused = meter.CreateCounter<long>("vallum.api.refused", "{call}", "Calls refused at the door, by code");
        _cut = meter.CreateCounter<long>("vallum.api.slow_readers", "{stream}", "Streams ended because the caller did not read");
    }

    public void Refused(StatusCode code) => _refused.Add(1, KeyValuePair.Create<string, object?>("code", code.ToString()));

    public void Cut() => _cut.Add(1);
}
