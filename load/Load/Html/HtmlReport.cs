using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vallum.Load.Results;

namespace Vallum.Load.Html;

/// <summary>A result as one file that needs nothing else: no script, no font, nothing from elsewhere.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --page: #fff; --ink: #1c1f24; --faint: #6b7280; --grid: #e3e6ea; --bad: #b42318; --c0: #2563eb; --c1: #c2410c; --c2: #0f766e; --c3: #9333ea; }
        @media (prefers-color-scheme: dark) { :root { --page: #14171c; --ink: #e6e8eb; --faint: #9aa3af; --grid: #2a3038; --bad: #f97066; --c0: #6ea8fe; --c1: #fb923c; --c2: #2dd4bf; --c3: #c084fc; } }
        body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.4rem; margin-bottom: .2rem; } p.about, small { color: var(--faint); } .bad { color: var(--bad); font-weight: 600; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; } th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--grid); } th:first-child, td:first-child { text-align: left; }
        figure { margin: 1.6rem 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; } .grid { stroke: var(--grid); } text { fill: var(--faint); font-size: 12px; } text.y { text-anchor: end; } text.x { text-anchor: middle; }
        path { fill: none; stroke-width: 2; stroke-linejoin: round; } path.c0 { stroke: var(--c0); } path.c1 { stroke: var(--c1); } path.c2 { stroke: var(--c2); } path.c3 { stroke: var(--c3); }
        .legend { margin: 0; } .legend span::before { content: "━ "; } span.c0::before { color: var(--c0); } span.c1::before { color: var(--c1); } span.c2::before { color: var(--c2); } span.c3::before { color: var(--c3); } .legend span { margin-right: 1rem; }
        """;

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    public static string Of(RunResult result)
    {
        var page = new StringBuilder();
        page.Append(Plain, $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{Chart.Text(result.Scenario)} on {Chart.Text(result.Target)}</title><style>{Style}</style></head><body>");
        page.Append(Plain, $"<h1>{Chart.Text(result.Scenario)} on {Chart.Text(result.Target)}</h1><p class=\"about\">{result.Started:yyyy-MM-dd HH:mm} UTC, driver {Chart.Text(result.Driver)}, {Chart.Text(result.Profile.Text)}<br>{Chart.Text(result.Machine)}</p>");
        Faults(page, result);
        Table(page, result);
        foreach (var chart in Charts(result))
        {
            page.Append(chart.ToSvg());
        }

        Rest(page, result);
        return page.Append("</body></html>\n").ToString();
    }

    private static void Faults(StringBuilder page, RunResult result)
    {
        if (result.Faults.IsEmpty)
        {
            page.Append("<p>At the end the control plane, and each connected agent, had just what was acknowledged.</p>");
            return;
        }

        page.Append("<p class=\"bad\">Failed: what is there at the end is not what was acknowledged. The figures are of no use.</p><ul>");
        foreach (var fault in result.Faults)
        {
            page.Append(Plain, $"<li>{Chart.Text(fault)}</li>");
        }

        page.Append("</ul>");
    }

    private static void Table(StringBuilder page, RunResult result)
    {
        page.Append("<div class=\"wide\"><table><tr><th>operation</th><th>done</th><th>errors</th><th>done/s</th><th>p50 ms</th><th>p90</th><th>p99</th><th>p99.9</th><th>max</th></tr>");
        foreach (var row in result.Kinds.Prepend(result.All))
        {
            page.Append(Plain, $"<tr><td>{(row.Kind.Length == 0 ? "all" : Chart.Text(row.Kind))}</td><td>{row.Done:n0}</td><td>{row.Errors:n0}</td><td>{row.PerSecond:n1}</td>");
            foreach (var value in (double[])[row.Latency.P50, row.Latency.P90, row.Latency.P99, row.Latency.P999, row.Latency.Max])
            {
                page.Append(Plain, $"<td>{MarkdownReport.Milliseconds(value)}</td>");
            }

            page.Append("</tr>");
        }

        page.Append("</table></div><p><small>Milliseconds from the intended start of each operation to its end.</small></p>");
    }

    private static IEnumerable<Chart> Charts(RunResult result)
    {
        var ticks = Seconds(result);
        Line Over(string name, Func<IntervalResult, double?> value) =>
            new(name, [.. result.Intervals.Select(interval => (interval.From + (interval.Seconds / 2), value(interval)))]);

        yield return new Chart("Latency over time", "ms, by intended start; seconds", [Over("p50", i => i.P50), Over("p90", i => i.P90), Over("p99", i => i.P99), Over("max", i => i.Max)], ticks, IsLogarithmic: true);
        yield return new Chart(
            "Latency by percentile",
            "ms",
            [new Line("all operations", [.. result.Curve.Select(point => (Nines(point.Percentile), (double?)point.Milliseconds))])],
            [.. new[] { 0.0, 50, 90, 99, 99.9, 99.99, 99.999 }.Where(percentile => result.Curve.Any(point => point.Percentile >= percentile - 1e-9)).Select(percentile => (Nines(percentile), $"{percentile.ToString(Plain)} %"))],
            IsLogarithmic: true);
        yield return new Chart("Throughput and errors over time", "a second; seconds", [Over("due", i => i.Due), Over("errors", i => i.Errors / i.Seconds), Over("done", i => i.Done)], ticks);
        if (result.Silos is not null)
        {
            yield return new Chart("Processors of the silos", "cores; seconds", [Over("in use", i => i.SiloCores)], ticks);
            yield return new Chart("Memory of the silos", "MiB, resident; seconds", [Over("resident", i => i.SiloMemory)], ticks);
        }
    }

    private static void Rest(StringBuilder page, RunResult result)
    {
        page.Append("<table>");
        if (result.Silos is { } silos)
        {
            page.Append(Plain, $"<tr><td>silos' processors</td><td>{silos.Cores:f2} cores, {silos.MillisecondsPerOperation:f2} ms for an operation</td></tr><tr><td>silos' memory, most</td><td>{silos.PeakMemory:n0} MiB</td></tr>");
        }

        page.Append(Plain, $"<tr><td>callers and agents</td><td>{result.Driving.Cores:f2} cores, {result.Driving.PeakMemory:n0} MiB</td></tr>");
        foreach (var (code, count) in result.Errors)
        {
            page.Append(Plain, $"<tr><td class=\"bad\">error {Chart.Text(code)}</td><td>{count:n0}</td></tr>");
        }

        foreach (var figure in result.Figures)
        {
            page.Append(Plain, $"<tr><td>{Chart.Text(figure.Name)}</td><td>{figure.Value:n2} {Chart.Text(figure.Unit)}</td></tr>");
        }

        page.Append("</table>");
    }

    /// <summary>Six marks, at whole seconds.</summary>
    private static ImmutableArray<(double X, string Text)> Seconds(RunResult result)
    {
        var end = result.Intervals.IsEmpty ? 1 : result.Intervals[^1].From + result.Intervals[^1].Seconds;
        var step = Math.Max(1, Math.Ceiling(end / 6));
        return [.. Enumerable.Range(0, (int)(end / step) + 1).Select(mark => (mark * step, (mark * step).ToString("0", Plain)))];
    }

    /// <summary>As many as the percentile begins with: 90 is 1, 99 is 2.</summary>
    private static double Nines(double percentile) => -Math.Log10(Math.Max(1 - (percentile / 100), 1e-7));
}
