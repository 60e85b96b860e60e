namespace Vallum.Silo.Reports;

/// <summary>Packets and bytes, and how many a second. Rates are whole thousandths: sums of them come and go without a rest.</summary>
internal readonly record struct Amount(ulong Packets, ulong Bytes, long MilliPacketRate, long MilliByteRate)
{
    public static readonly Amount Zero;

    public double PacketRate => MilliPacketRate / 1000.0;

    public double ByteRate => MilliByteRate / 1000.0;

    public bool HasRate => MilliPacketRate != 0 || MilliByteRate != 0;

    public Amount WithoutRate => this with { MilliPacketRate = 0, MilliByteRate = 0 };

    public static Amount operator +(Amount left, Amount right) => unchecked(new(
        left.Packets + right.Packets,
        left.Bytes + right.Bytes,
        left.MilliPacketRate + right.MilliPacketRate,
        left.MilliByteRate + right.MilliByteRate));

    public static Amount operator -(Amount left, Amount right) => unchecked(new(
        left.Packets - right.Packets,
        left.Bytes - right.Bytes,
        left.MilliPacketRate - right.MilliPacketRate,
        left.MilliByteRate - right.MilliByteRate));

    /// <summary>What a node tells now. Totals never fall: a lower one is an older message, or what an agent lost when it was killed.</summary>
    /// <param name="interval">Over which the rise is spread; null: not known.</param>
    public Amount Told(ulong packets, ulong bytes, TimeSpan? interval)
    {
        var (morePackets, moreBytes) = (packets > Packets ? packets - Packets : 0, bytes > Bytes ? bytes - Bytes : 0);
        return new Amount(Packets + morePackets, Bytes + moreBytes, Rate(morePackets, interval), Rate(moreBytes, interval));
    }

    private static long Rate(ulong more, TimeSpan? interval) => interval is { TotalSeconds: > 0.001 } over ? (long)(more / over.TotalSeconds * 1000) : 0;
}
