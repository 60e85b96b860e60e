using System.Globalization;

namespace Vallum.Primitives;

/// <summary>Ports from <see cref="First"/> to <see cref="Last"/>, both included, 0..65535 (0 only as part of a range).</summary>
public readonly record struct PortRange : IComparable<PortRange>
{
    public PortRange(int first, int last)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, last);
        First = (ushort)first;
        Last = (ushort)last;
    }

    public ushort First { get; }

    public ushort Last { get; }

    /// <summary>How many ports: 1..65536.</summary>
    public int Count => Last - First + 1;

    public static PortRange Single(int port) => new(port, port);

    public bool Contains(int port) => port >= First && port <= Last;

    public int CompareTo(PortRange other) => First != other.First ? First.CompareTo(other.First) : Last.CompareTo(other.Last);

    public override string ToString() =>
        First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}
