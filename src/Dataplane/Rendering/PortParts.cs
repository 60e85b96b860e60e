using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// Ranges of ports in aligned parts of 64 to 32,768 ports and, at the ends, single ports. Which parts there are does not depend on which ranges there are,
/// so a range more or less leaves the others' parts alone; and there are at most 2,046 of them, whatever is asked for.
/// </summary>
internal static class PortParts
{
    /// <summary>The narrowest part.</summary>
    public const int Least = 64;

    public static IEnumerable<PortRange> Of(PortRange range)
    {
        for (int at = range.First; at <= range.Last;)
        {
            var size = 32_768;
            while (size >= Least && (at % size != 0 || at + size - 1 > range.Last))
            {
                size /= 2;
            }

            size = size < Least ? 1 : size;

            yield return new PortRange(at, at + size - 1);
            at += size;
        }
    }
}
