using Vallum.Cluster.Status;
using Vallum.Cluster.Traffic;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>What one session knows of its agent, as a value that is replaced whole.</summary>
internal sealed class SessionStatus(Hello hello, string silo, TimeProvider time)
{
    /// <summary>A capability: the agent enforces policies about its node.</summary>
    private const string HostPolicies = "host-policies";
    private const int MostFindings = 20;
    private const int LongestWords = 512;
    private const int LongestError = 4096;

    private long _behindSince = time.GetTimestamp();
    private volatile AgentStatus _current = new(
        true, hello.AgentVersion, hello.Backend, silo, time.GetUtcNow(), false, "", null, null, 0, 0, 0, 0, 0, hello.Capabilities.Contains(HostPolicies))
    {
        Instance = hello.InstanceId,
    };

    public AgentStatus Current => _current;

    /// <summary>Null: all is applied.</summary>
    public TimeSpan? BehindFor => _current.InSync ? null : time.GetElapsedTime(Interlocked.Read(ref _behindSince));

    public void Behind(int endpoints)
    {
        if (_current.InSync)
        {
            Interlocked.Exchange(ref _behindSince, time.GetTimestamp());
        }

        _current = _current with { InSync = false, Endpoints = endpoints };
    }

    public void Applied(TimeSpan took, int endpoints) => _current = _current with
    {
        InSync = true,
        LastError = "",
        LastAckTime = time.GetUtcNow(),
        LastApplyDuration = took,
        Endpoints = endpoints,
    };

    /// <returns>False: it was so already.</returns>
    public bool HostsApplied(long revision)
    {
        var differs = _current.HostRevision != revision;
        _current = differs ? _current with { HostRevision = revision } : _current;
        return differs;
    }

    public void Failed(string error) => _current = _current with { InSync = false, LastError = error };

    public void Reported(NodeReport report) => _current = _current with
    {
        DriftRepairs = report.DriftRepairs,
        Chains = report.Chains,
        Sets = report.Sets,
        Members = report.Members,
        LastError = Short(report.LastError, LongestError),
        Warnings = [.. report.Warnings.Take(MostFindings).Select(w => Short(w))],
        Drift = [.. report.Drift.TakeLast(MostFindings).Select(d => new DriftFound(d.Time?.ToDateTimeOffset() ?? default, Short(d.Words), d.Repaired))],
        DeniedPackets = Math.Max(_current.DeniedPackets, report.Counts?.DeniedPackets ?? 0),
        DeniedBytes = Math.Max(_current.DeniedBytes, report.Counts?.DeniedBytes ?? 0),
    };

    private static string Short(string words, int longest = LongestWords) => words.Length <= longest ? words : words[..longest];
}
