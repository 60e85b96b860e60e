using System.Diagnostics;
using Google.Protobuf;
using Vallum.Load.Measuring;

namespace Vallum.Load.HotTenants;

/// <summary>
/// When each change has come to the last agent. A change is told by what it does: change <c>n</c> makes caller <c>n</c> modulo <paramref name="callers"/>
/// a member of the one group (its first, third, … change) or takes it out.
/// </summary>
/// <param name="agents">Each is to have each change.</param>
internal sealed class Arrivals(int callers, int agents, int changes)
{
    private readonly long[] _begun = new long[changes];
    private readonly long[] _last = new long[changes];
    private readonly int[] _count = new int[changes];
    private volatile int _next;

    /// <summary>Changes that were merged, on the way to some agent, with the next change of the same caller: that agent saw neither.</summary>
    public int Merged { get; private set; }

    public static bool Joins(int change, int callers) => change / callers % 2 == 0;

    /// <param name="intended">When it was to begin; timestamp.</param>
    public void Begin(int change, long intended)
    {
        _begun[change] = intended;
        _next = change + 1;
    }

    public void Took(IReadOnlyCollection<ByteString> added, IReadOnlyCollection<ByteString> removed)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var member in added)
        {
            Arrived(member.Span, true, now);
        }

        foreach (var member in removed)
        {
            Arrived(member.Span, false, now);
        }
    }

    /// <summary>From intended start to the last agent.</summary>
    /// <param name="first">Changes before it do not count.</param>
    public Latency Latency(int first)
    {
        var latency = new Latency();
        for (var change = first; change < _next; change++)
        {
            if (_count[change] == agents)
            {
                latency.Add(Stopwatch.GetElapsedTime(_begun[change], _last[change]));
            }
            else
            {
                Merged++;
            }
        }

        return latency;
    }

    private void Arrived(ReadOnlySpan<byte> member, bool joins, long now)
    {
        // World.Caller: 10.200.C.D, packed with its length.
        if (member is not [10, 200, var high, var low, 32] || _next == 0)
        {
            return;
        }

        var caller = (high * 250) + low - 1;
        var change = caller + ((_next - 1 - caller) / callers * callers);
        change = Joins(change, callers) == joins ? change : change - callers;
        if (change < 0 || caller >= _next)
        {
            return;
        }

        Interlocked.Increment(ref _count[change]);
        for (var known = Volatile.Read(ref _last[change]); known < now;)
        {
            var found = Interlocked.CompareExchange(ref _last[change], now, known);
            if (found == known)
            {
                break;
            }

            known = found;
        }
    }
}
