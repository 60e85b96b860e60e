using Vallum.Dataplane.Packets.Tests.Frames;
using Vallum.Policies.Evaluation;

namespace Vallum.Dataplane.Packets.Tests.Router;

/// <summary>Puts one packet of each flow onto the wire of its source and says which came out where their destination is.</summary>
internal sealed class Courier : IDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    private readonly RouterLab _lab;
    private readonly PacketSocket _sender;
    private readonly PacketSocket _listener;
    private readonly byte[] _buffer = new byte[2048];
    private uint _tag;

    private Courier(RouterLab lab, PacketSocket sender, PacketSocket listener) => (_lab, _sender, _listener) = (lab, sender, listener);

    public static async Task<Courier> StartAsync(RouterLab lab) => new(lab, await lab.SenderAsync(), await lab.ListenerAsync());

    /// <summary>
    /// Every flow gets a source port, or ICMP id, of its own; of protocols that have none, only one of a flow and its reverse may be sent, since the
    /// second would be the answer to the first.
    /// </summary>
    /// <exception cref="InvalidOperationException">A packet came out elsewhere, or the kernel lost some before they were judged.</exception>
    public async Task<HashSet<Flow>> DeliverAsync(IReadOnlyCollection<Flow> flows)
    {
        await _lab.Counts.TakeAsync();
        var first = _tag + 1;
        var sent = new Dictionary<uint, Flow>();
        foreach (var flow in flows)
        {
            var tag = ++_tag;
            sent.Add(tag, flow);
            var link = _lab.LinkOf(flow.Source);
            var frame = Frame.Of(flow, KernelCounts.PlainHops, tag, _lab.RouterAddress(link)).Renew((ushort)(20000 + (tag % 40000)));
            _sender.Send(_lab.EndOf(link), frame.Bytes);
        }

        // Once the last one has reached the rules, what gets through them is on the wire.
        var patience = DateTime.UtcNow + LongEnough;
        while (await _lab.Counts.ForwardedAsync() is var forwarded && forwarded < flows.Count)
        {
            if (DateTime.UtcNow > patience)
            {
                throw new InvalidOperationException($"of {flows.Count} packets only {forwarded} came to be judged");
            }
        }

        var arrived = new HashSet<Flow>();
        while (_listener.Receive(_buffer) is var (length, end))
        {
            if (Frame.TagOf(_buffer.AsSpan(0, length)) is { } tag && tag >= first && sent.TryGetValue(tag, out var flow))
            {
                _ = end == _lab.EndOf(_lab.LinkOf(flow.Destination))
                    ? arrived.Add(flow)
                    : throw new InvalidOperationException($"{flow} came out of interface {end}");
            }
        }

        return _listener.TakeDrops() is > 0 and var drops
            ? throw new InvalidOperationException($"the listener's buffer was {drops} packets too small")
            : arrived;
    }

    public void Dispose()
    {
        _sender.Dispose();
        _listener.Dispose();
    }
}
