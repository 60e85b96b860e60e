using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Vallum.Load.Html;

/// <param name="Points">X rising; a gap where Y is null.</param>
internal sealed record Line(string Name, ImmutableArray<(double X, double? Y)> Points);

/// <param name="Ticks">Of the x axis: where, and what is written there.</param>
/// <param name="IsLogarithmic">The y axis, from the greatest power of ten below all values.</param>
internal sealed record Chart(string Title, string Unit, ImmutableArray<Line> Lines, ImmutableArray<(double X, string Text)> Ticks, bool IsLogarithmic = false)
{
    private const int Width = 860;
    private const int Height = 260;
    private const int Left = 64;
    private const int Right = 12;
    private const int Top = 12;
    private const int Bottom = 28;

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>A figure element with the drawing and its legend; colours are the page's classes c0, c1 …</summary>
    public string ToSvg()
    {
        var values = Lines.SelectMany(line => line.Points).Select(point => point.Y).OfType<double>().Where(y => !IsLogarithmic || y > 0).ToList();
        if (values.Count == 0)
        {
            return $"<figure><figcaption>{Text(Title)}</figcaption><p>nothing was measured</p></figure>";
        }

        var highest = IsLogarithmic ? Math.Pow(10, Math.Ceiling(Math.Log10(values.Max()))) : Nice(values.Max());
        var lowest = IsLogarithmic ? Math.Min(highest / 10, Math.Pow(10, Math.Floor(Math.Log10(values.Min())))) : 0;
        var xs = Lines.SelectMany(line => line.Points).Select(point => point.X).Concat(Ticks.Select(tick => tick.X)).ToList();
        var (first, last) = (xs.Min(), Math.Max(xs.Max(), xs.Min() + 1e-9));
        double X(double x) => Left + ((x - first) / (last - first) * (Width - Left - Right));
        double Share(double y) => IsLogarithmic ? Math.Log10(Math.Max(y, lowest) / lowest) / Math.Log10(highest / lowest) : y / highest;
        double Y(double y) => Height - Bottom - (Share(y) * (Height - Top - Bottom));

        var svg = new StringBuilder();
        svg.Append(Plain, $"<figure><figcaption>{Text(Title)} <small>{Text(Unit)}</small></figcaption><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Text(Title)}\">");
        foreach (var y in IsLogarithmic ? Powers(lowest, highest) : Enumerable.Range(0, 5).Select(step => highest * step / 4))
        {
            svg.Append(Plain, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(y):f1}\" y2=\"{Y(y):f1}\"/><text class=\"y\" x=\"{Left - 6}\" y=\"{Y(y) + 4:f1}\">{y:0.###}</text>");
        }

        foreach (var (x, text) in Ticks)
        {
            svg.Append(Plain, $"<text class=\"x\" x=\"{X(x):f1}\" y=\"{Height - 8}\">{Text(text)}</text>");
        }

        foreach (var (index, line) in Lines.Index())
        {
            svg.Append(Plain, $"<path class=\"c{index}\" d=\"{Path(line, X, Y)}\"/>");
        }

        svg.Append("</svg><p class=\"legend\">");
        foreach (var (index, line) in Lines.Index())
        {
            svg.Append(Plain, $"<span class=\"c{index}\">{Text(line.Name)}</span> ");
        }

        return svg.Append("</p></figure>").ToString();
    }

    public static string Text(string text) => System.Net.WebUtility.HtmlEncode(text);

    private static string Path(Line line, Func<double, double> x, Func<double, double> y)
    {
        var path = new StringBuilder();
        var isDown = false;
        foreach (var (at, value) in line.Points)
        {
            if (value is { } there)
            {
                path.Append(Plain, $"{(isDown ? 'L' : 'M')}{x(at):f1} {y(there):f1}");
            }

            isDown = value is not null;
        }

        return path.ToString();
    }

    private static IEnumerable<double> Powers(double lowest, double highest)
    {
        for (var y = lowest; y <= highest * 1.001; y *= 10)
        {
            yield return y;
        }
    }

    /// <summary>The next 1, 2, 4 or 8 times a power of ten.</summary>
    private static double Nice(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-6))));
        return new[] { 1.0, 2, 4, 8, 10 }.Select(step => step * power).First(step => step >= value * 0.999);
    }
}
