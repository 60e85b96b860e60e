using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Vallum.Dataplane.Packets.Tests.Frames;
using Vallum.Dataplane.Packets.Tests.Router;

namespace Vallum.Dataplane.Packets.Tests.Traffic;

/// <summary>
/// A steady stream of first packets through a router from a thread of its own: of flows that are allowed and of flows that are denied, as many of each,
/// every packet of a new flow. The kernel counts.
/// </summary>
internal sealed partial class Stream
{
    /// <summary>Packets a second of each kind.</summary>
    public const int Rate = 20_000;

    /// <summary>Flows of each kind at once.</summary>
    public const int Kinds = KernelCounts.Flows / 2;

    // What has not been counted after this time never arrived, and is no loss of the rules.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly RouterLab _lab;
    private readonly ImmutableArray<Sending> _flows;
    private readonly Thread _thread;
    private readonly long _start = Stopwatch.GetTimestamp();
    private Exception? _failure;
    private volatile bool _stop;
    private long _sent;

    private Stream(RouterLab lab, PacketSocket sender, ImmutableArray<Sending> flows)
    {
        _lab = lab;
        _flows = flows;
        var outlets = flows.Select((f, n) => (f.Allowed, Outlet: new Outlet(
            lab.EndOf(f.Link), Frame.Of(f.Flow, KernelCounts.HopsOf(n), 0, lab.RouterAddress(f.Link))))).ToLookup(o => o.Allowed, o => o.Outlet);
        var (allowed, denied) = (outlets[true].ToArray(), outlets[false].ToArray());
        _thread = new Thread(() => Run(sender, allowed, denied)) { IsBackground = true, Priority = ThreadPriority.Highest };
    }

    /// <param name="sender">Stays the caller's.</param>
    /// <param name="flows">Beyond <see cref="Kinds"/> of a kind, the rest stays away.</param>
    public static Stream Start(RouterLab lab, PacketSocket sender, IEnumerable<Sending> flows)
    {
        var kinds = flows.ToLookup(f => f.Allowed);
        var stream = new Stream(lab, sender, [.. kinds[true].Take(Kinds), .. kinds[false].Take(Kinds)]);
        stream._thread.Start();
        return stream;
    }

    /// <summary>Ends the stream and waits until all of it is counted.</summary>
    public async Task<TrafficCount> StopAsync()
    {
        var time = Stopwatch.GetElapsedTime(_start);
        _stop = true;
        _thread.Join();
        if (_failure is not null)
        {
            throw new InvalidOperationException($"the stream broke: {_failure.Message}", _failure);
        }

        var counts = new Dictionary<string, long>();
        var last = Stopwatch.GetTimestamp();
        do
        {
            await Task.Delay(2);
            await TakeAsync();
        }
        while (counts.Where(c => c.Key.StartsWith("in", StringComparison.Ordinal)).Sum(c => c.Value) < _sent && Stopwatch.GetElapsedTime(last) < Silence);

        var count = Count();
        if (count.Wrong.Any())
        {
            // A packet may have been on its way between the two counts.
            await Task.Delay(50);
            await TakeAsync();
            count = Count();
        }

        return count;

        TrafficCount Count() => new(
            [.. _flows.Select((f, n) => new FlowCount(f, counts.GetValueOrDefault($"in{n}"), counts.GetValueOrDefault($"out{n}")))], time);

        async Task TakeAsync()
        {
            foreach (var (name, packets) in await _lab.Counts.TakeAsync())
            {
                counts[name] = counts.GetValueOrDefault(name) + packets;
                last = packets > 0 ? Stopwatch.GetTimestamp() : last;
            }
        }
    }

    private void Run(PacketSocket sender, Outlet[] allowed, Outlet[] denied)
    {
        try
        {
            var start = Stopwatch.GetTimestamp();
            for (var number = 0L; !_stop; number++)
            {
                // A pause of a twentieth of a millisecond: a burst every millisecond would miss short windows.
                while (!_stop && number >= Stopwatch.GetElapsedTime(start).TotalSeconds * Rate)
                {
                    _ = Pause(50);
                }

                Send(sender, allowed, number);
                Send(sender, denied, number);
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Send(PacketSocket sender, Outlet[] outlets, long number)
    {
        if (outlets.Length > 0)
        {
            var outlet = outlets[number % outlets.Length];
            sender.Send(outlet.End, outlet.Frame.Renew((ushort)(1024 + (number % 60000))).Bytes);
            _sent++;
        }
    }

    private sealed record Outlet(int End, Frame Frame);

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Pause(uint microseconds);
}
