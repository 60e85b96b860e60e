using Vallum.Cluster.Status;

namespace Vallum.Silo.Grains.Nodes;

/// <summary>Which session serves the node. One at a time: a second agent of the same name is refused while the first one's session lives.</summary>
internal sealed class SessionClaim
{
    /// <summary>Three reports missed, at one every 5 s, end a claim.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private static readonly AgentStatus Nobody = new(false, "", "", "", null, false, "", null, null, 0, 0, 0, 0, 0);

    private string _session = "";
    private string _instance = "";
    private DateTimeOffset _lastSeen;
    private AgentStatus _status = Nobody;

    /// <returns>False while a session of another agent instance lives.</returns>
    public bool Attach(string session, string instance, AgentStatus status, DateTimeOffset now)
    {
        if (IsAlive(now) && session != _session && instance != _instance)
        {
            return false;
        }

        (_session, _instance) = (session, instance);
        Note(status, now);
        return true;
    }

    /// <returns>False when another session has taken over. A session that nobody else contests goes on: this activation may have forgotten it.</returns>
    public bool Report(string session, AgentStatus status, DateTimeOffset now)
    {
        if (session != _session)
        {
            if (IsAlive(now))
            {
                return false;
            }

            (_session, _instance) = (session, status.Instance);
        }

        Note(status, now);
        return true;
    }

    public void Detach(string session)
    {
        if (session == _session)
        {
            (_session, _instance) = ("", "");
        }
    }

    /// <summary>As last reported; not connected once the claim has ended.</summary>
    public AgentStatus Status(DateTimeOffset now) => IsAlive(now) ? _status : _status with { Connected = false, InSync = false };

    private bool IsAlive(DateTimeOffset now) => _session.Length > 0 && now - _lastSeen <= Lease;

    // A session that has not seen its agent in sync does not know yet which policies about the node are in its kernel: what was said before holds.
    private void Note(AgentStatus status, DateTimeOffset now) =>
        (_status, _lastSeen) = (status is { InSync: false, HostRevision: 0 } ? status with { HostRevision = _status.HostRevision } : status, now);
}
