namespace Vallum.Dataplane.Counting;

/// <summary>Packets and their bytes, headers of the IP packet included.</summary>
public readonly record struct Counter(ulong Packets, ulong Bytes)
{
    public static readonly Counter Zero;

    public static Counter operator +(Counter left, Counter right) => new(left.Packets + right.Packets, left.Bytes + right.Bytes);

    /// <summary>What came after <paramref name="before"/> was read from the same rule. A counter that is lower has begun again at 0.</summary>
    public Counter Since(Counter before) =>
        Packets < before.Packets || Bytes < before.Bytes ? this : new Counter(Packets - before.Packets, Bytes - before.Bytes);
}
