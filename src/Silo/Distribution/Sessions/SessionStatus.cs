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

    private volatile string _unknown = "";
    private long _behindSince = time.GetTimestamp();
    private volatile AgentStatus _current = new(
        true, hello.AgentVersion, hello.Backend, silo, time.GetUtcNow(), false, "", null, null, 0, 0, 0, 0, 0, hello.Capabilities.Contains(HostPolicies))
    {
        Instance = hello.InstanceId,
    };

    public AgentStatus Current => _current;

    /// <summary>Who waits for a node must not be shown another state than the one that ended the wait: told at once.</summary>
    public bool IsUrgentAfter(AgentStatus told) =>
        _current is var now && (now.InSync, now.HostRevision, now.LastError) != (told.InSync, told.HostRevision, told.LastError);

    /// <summary>Nothing is missing, as far as the last update that was applied says.</summary>
    public bool IsComplete => _unknown.Length == 0;

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

    /// <param name="unknown">Why what was applied is not all that the node should have; empty: it is.</param>
    public void Applied(TimeSpan took, int endpoints, string unknown)
    {
        _unknown = unknown;
        _current = _current with
        {
            InSync = unknown.Length == 0,
            LastError = unknown,
            LastAckTime = time.GetUtcNow(),
            LastApplyDuration = took,
            Endpoints = endpoints,
        };
    }

    /// <summary>All that was missing is known, and the node has it.</summary>
    public void Completed()
    {
        _unknown = "";
        _current = _current with { InSync = true, LastError = "" };
    }

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
        LastError = report.LastError.Length > 0 ? Short(report.LastError, LongestError) : _unknown,
        Warnings = [.. report.Warnings.Take(MostFindings).Select(w => Short(w))],
        Drift = [.. report.Drift.TakeLast(MostFindings).Select(d => new DriftFound(d.Time?.ToDateTimeOffset() ?? default, Short(d.Words), d.Repaired))],
        DeniedPackets = Math.Max(_current.DeniedPackets, report.Counts?.DeniedPackets ?? 0),
        DeniedBytes = Math.Max(_current.DeniedBytes, report.Counts?.DeniedBytes ?? 0),
    };

    private static string Short(string words, int longest = LongestWords) => words.Length <= longest ? words : words[..longest];
}
