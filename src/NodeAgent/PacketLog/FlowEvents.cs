using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Vallum.NodeAgent.Netlink;

namespace Vallum.NodeAgent.PacketLog;

/// <summary>
/// Reads the packets of an NFLOG group and hands each on as an event: as a line of JSON to <paramref name="lines"/>, and to whoever reads
/// <see cref="Reader"/>, who may miss the oldest.
/// </summary>
/// <param name="lines">Null: no lines.</param>
internal sealed class FlowEvents(Func<PacketLogSocket> open, FlowReading reading, TextWriter? lines, ILogger logger)
{
    private const int MostWaiting = 1024;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(30);

    private long _dropped;
    private long _overruns;

    private Channel<FlowEvent>? _waiting;

    /// <summary>Events that nobody took in time.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>How often the kernel had more packets than it could hand over.</summary>
    public long Overruns => Interlocked.Read(ref _overruns);

    /// <summary>From the first look at it on, the newest events that were not taken yet.</summary>
    public ChannelReader<FlowEvent> Reader => (_waiting ??= Channel.CreateBounded<FlowEvent>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true },
        _ => Interlocked.Increment(ref _dropped))).Reader;

    /// <summary>Runs until it is stopped. Where the group cannot be listened to, it says so once and tries again.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Run(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken cancellationToken)
    {
        string? said = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var socket = open();
                said = null;
                Listen(socket, cancellationToken);
            }
            catch (NetlinkException e)
            {
                if (said != e.Message)
                {
                    PacketLogLog.NotRead(logger, e.Message);
                }

                said = e.Message;
                cancellationToken.WaitHandle.WaitOne(BetweenAttempts);
            }
        }
    }

    private void Listen(PacketLogSocket socket, CancellationToken cancellationToken)
    {
        var before = Overruns;
        while (!cancellationToken.IsCancellationRequested)
        {
            socket.Read(packet => Hand(reading.Read(packet)));
            Interlocked.Exchange(ref _overruns, before + socket.Overruns);
        }
    }

    private void Hand(FlowEvent @event)
    {
        _waiting?.Writer.TryWrite(@event);
        try
        {
            lines?.WriteLine(JsonSerializer.Serialize(@event, FlowEventJson.Default.FlowEvent));
        }
        catch (IOException e)
        {
            PacketLogLog.NotWritten(logger, e.Message);
        }
    }
}

internal static partial class PacketLogLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Logged packets cannot be read: {Words}")]
    public static partial void NotRead(ILogger logger, string words);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An event is not written: {Words}")]
    public static partial void NotWritten(ILogger logger, string words);
}
