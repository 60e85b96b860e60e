using System.Collections.Concurrent;
using System.Diagnostics;
using Vallum.Contracts.Agent.V1;
using Vallum.Swarm;
using Vallum.Swarm.Held;

namespace Vallum.Scenarios.Spans;

/// <summary>When members of groups come to agents, and go from them: told by the four address bytes of the member.</summary>
internal sealed class Arrivals : ISwarmObserver
{
    private readonly ConcurrentDictionary<(uint Address, bool IsThere), Arrival> _expected = [];

    /// <summary>From now on the change is looked for at so many agents. One change of an address is under way at a time.</summary>
    public Arrival Expect(uint address, bool isThere, int agents) => _expected[(address, isThere)] = new Arrival(agents);

    public void Forget(uint address, bool isThere) => _expected.TryRemove((address, isThere), out _);

    public void Took(SwarmAgent agent, IReadOnlyList<Step> steps, long timestamp)
    {
        if (_expected.IsEmpty)
        {
            return;
        }

        foreach (var step in steps)
        {
            if (step.Key.Kind == ResourceKind.Group)
            {
                Note(step.Added, true, timestamp);
                Note(step.Removed, false, timestamp);
            }
        }
    }

    private void Note(IReadOnlyList<Google.Protobuf.ByteString> members, bool isThere, long timestamp)
    {
        foreach (var member in members)
        {
            if (member.Length >= 4 && _expected.TryGetValue((System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(member.Span), isThere), out var arrival))
            {
                arrival.Came(timestamp);
            }
        }
    }
}

/// <summary>One change on its way to its agents.</summary>
internal sealed class Arrival(int agents)
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = agents;
    private long _first = long.MaxValue;
    private long _last;

    /// <summary>Completes when the last agent has it.</summary>
    public Task All => _all.Task;

    public int Left => Volatile.Read(ref _left);

    /// <summary>Timestamps of <see cref="Stopwatch"/>.</summary>
    public (long First, long Last) At => (Interlocked.Read(ref _first), Interlocked.Read(ref _last));

    public void Came(long timestamp)
    {
        Farther(ref _first, timestamp, (known, now) => now < known);
        Farther(ref _last, timestamp, (known, now) => now > known);
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _all.TrySetResult();
        }
    }

    private static void Farther(ref long known, long now, Func<long, long, bool> isFarther)
    {
        for (var seen = Interlocked.Read(ref known); isFarther(seen, now);)
        {
            var before = Interlocked.CompareExchange(ref known, now, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
