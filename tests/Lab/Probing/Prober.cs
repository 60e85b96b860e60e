using System.Net;
using System.Net.Sockets;

namespace Vallum.Lab.Probing;

/// <summary>Puts a time limit on attempts, and words on what they throw.</summary>
/// <param name="owners">Who owns which address.</param>
internal sealed class Prober(IReadOnlyDictionary<string, LabHost> hosts, IReadOnlyDictionary<IPAddress, string> owners)
{
    /// <summary>Probes in flight at once: enough to fill a table in one timeout, few enough that their answers are not late.</summary>
    private const int AtOnce = 600;

    public async Task<ProbeTable> ProbeAsync(IEnumerable<Probe> probes, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(AtOnce);
        var rows = await Task.WhenAll(probes.Select(async probe =>
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                return (probe, await ProbeTwiceAsync(probe, timeout, cancellationToken));
            }
            finally
            {
                places.Release();
            }
        }));
        return new ProbeTable(rows, owners);
    }

    /// <summary>One attempt, and nothing more than one connection or flow.</summary>
    public async Task<ProbeResult> ProbeOnceAsync(Probe probe, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            return await Attempts.Of(hosts[probe.From], probe, owners.GetValueOrDefault(probe.To), limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeResult.Silence;
        }
        catch (SocketException refused) when (refused.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
        {
            return new ProbeResult(ProbeOutcome.Refused, refused.SocketErrorCode.ToString());
        }
        catch (SocketException failure)
        {
            return new ProbeResult(ProbeOutcome.Error, failure.Message);
        }
    }

    /// <summary>A kernel sends its second SYN after a second, which is the whole time of a probe: a second connection takes its place.</summary>
    private async Task<ProbeResult> ProbeTwiceAsync(Probe probe, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (probe.Protocol != ProbeProtocol.Tcp)
        {
            return await ProbeOnceAsync(probe, timeout, cancellationToken);
        }
        var first = await ProbeOnceAsync(probe, timeout / 2, cancellationToken);
        return first.Outcome == ProbeOutcome.Blocked ? await ProbeOnceAsync(probe, timeout / 2, cancellationToken) : first;
    }
}
