using System.Globalization;

namespace Vallum.Load.Measuring;

/// <summary>The middle of many values and the quarters around it.</summary>
internal readonly record struct Spread(double Low, double Middle, double High)
{
    /// <summary>Of no value: NaN.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new Spread(At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75));
    }

    public static double Median(IEnumerable<double> values) => Of(values).Middle;

    /// <summary>Between two neighbours in proportion.</summary>
    public static double At(ReadOnlySpan<double> sorted, double share)
    {
        if (sorted.IsEmpty)
        {
            return double.NaN;
        }

        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>"middle (low–high)".</summary>
    public string ToString(string format) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Middle.ToString(format, CultureInfo.InvariantCulture)} ({Low.ToString(format, CultureInfo.InvariantCulture)}–{High.ToString(format, CultureInfo.InvariantCulture)})");
}
