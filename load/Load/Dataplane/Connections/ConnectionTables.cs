using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vallum.Load.Dataplane.Layouts;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane.Connections;

/// <summary>What rules cost a packet, as Markdown.</summary>
internal static class ConnectionTables
{
    public static string Of(IReadOnlyCollection<ConnectionFigures> flavours)
    {
        var text = new StringBuilder();
        text.Append("### The table of 2016\n\n");
        text.Append("A new TCP connection, a request, a response of so many bytes: microseconds at 0 policies, and the ratio to that, median of the rounds (quartiles). Client and server on one processor.\n\n");
        foreach (var figures in flavours)
        {
            Sizes(text, figures);
        }

        text.Append("### Many policies\n\n");
        foreach (var figures in flavours)
        {
            var bytes = figures.Sizes[0].Bytes;
            ByPolicies(text, figures, figures.Connections, $"a new connection with a response of {bytes} bytes, ratio to 0 policies", figure => figure.Ratio.ToString("f3"));
            ByPolicies(text, figures, figures.FirstPackets, "a first packet, nanoseconds above 0 policies", figure => figure.Above.ToString("n0"));
            ByPolicies(text, figures, figures.Rates, "connections a second, two clients on two processors, ratio to 0 policies", figure => figure.Ratio.ToString("f2"));
        }

        text.Append("### Where the time goes\n\n");
        foreach (var figures in flavours)
        {
            Shares(text, figures);
        }

        text.Append("### Beside the targets\n\n");
        Targets(text, flavours);
        return text.ToString();
    }

    private static void Sizes(StringBuilder text, ConnectionFigures figures)
    {
        var first = figures.Sizes[0].Figures;
        var counts = first.Select(figure => figure.Layout.Policies).Where(count => count > 0).Distinct().Order().ToImmutableArray();
        text.Append(CultureInfo.InvariantCulture, $"{Name(figures.Flavour)}:\n\n| layout | response | 0, µs |");
        text.AppendJoin("", counts.Select(count => $" {count} |")).Append("\n|---|--:|--:|").AppendJoin("", counts.Select(_ => "--:|")).Append('\n');
        foreach (var name in first.Where(figure => figure.Layout.Policies > 0).Select(figure => figure.Layout.Name).Distinct())
        {
            foreach (var (bytes, cells) in figures.Sizes)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {name} | {Size(bytes)} | {cells[0].Median:f1} |");
                text.AppendJoin("", counts.Select(count => $" {cells.First(cell => cell.Layout.Name == name && cell.Layout.Policies == count).Ratio.ToString("f3")} |"));
                text.Append('\n');
            }
        }

        text.Append('\n');
    }

    private static void ByPolicies(StringBuilder text, ConnectionFigures figures, ImmutableArray<Figure> cells, string what, Func<Figure, string> cell)
    {
        var counts = cells.Select(figure => figure.Layout.Policies).Where(count => count > 0).Distinct().Order().ToImmutableArray();
        var zero = cells.First(figure => figure.Layout == PlainRules.Zero);
        text.Append(CultureInfo.InvariantCulture, $"{Name(figures.Flavour)}, {what} ({zero.Median:n1}); {zero.Rounds} rounds:\n\n| layout |");
        text.AppendJoin("", counts.Select(count => $" {count:n0} |")).Append("\n|---|").AppendJoin("", counts.Select(_ => "--:|")).Append('\n');
        foreach (var layouts in cells.Where(figure => figure.Layout.Policies > 0).GroupBy(figure => figure.Layout.Name))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {layouts.Key} |");
            text.AppendJoin("", counts.Select(count => layouts.FirstOrDefault(figure => figure.Layout.Policies == count) is { } figure ? $" {cell(figure)} |" : " |")).Append('\n');
        }

        if (cells.FirstOrDefault(figure => figure.Layout == PlainRules.Nothing) is { } nothing)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nWithout netfilter at all: {cell(nothing)}.\n");
        }

        text.Append('\n');
    }

    private static void Shares(StringBuilder text, ConnectionFigures figures)
    {
        var (connection, packet) = figures.Shares[0];
        text.Append(CultureInfo.InvariantCulture, $"{Name(figures.Flavour)}, nanoseconds above 0 policies ({connection.Median * 1000:n0} a connection, {packet.Median:n0} a first packet), and with one part taken out:\n\n");
        text.Append("| layout | a new connection | a first packet |\n|---|--:|--:|\n");
        foreach (var (one, first) in figures.Shares.Skip(1))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {one.Layout.Name} | {one.Above.Middle * 1000:n0} | {first.Above.ToString("n0")} |\n");
        }

        text.Append('\n');
    }

    private static void Targets(StringBuilder text, IReadOnlyCollection<ConnectionFigures> flavours)
    {
        text.Append("| | flavour | measured | target |\n|---|---|--:|--:|\n");
        foreach (var figures in flavours)
        {
            var most = figures.Connections.Max(figure => figure.Layout.Policies);
            foreach (var (shape, count, target) in new[]
            {
                (VallumShape.BothDirections, 200, "≤ +1.5 %"), (VallumShape.BothDirections, most, "≤ +2 %"), (VallumShape.WorstShape, most, "≤ +3.5 %"),
            })
            {
                var figure = figures.Connections.First(one => one.Layout is VallumRules rules && rules.Shape == shape && rules.Policies == count);
                text.Append(CultureInfo.InvariantCulture, $"| new connection, {figure.Layout.Name}, {count:n0} policies | {Name(figures.Flavour)} | {(figure.Ratio.Middle - 1) * 100:+0.0;-0.0} % | {target} |\n");
                if (count == most)
                {
                    text.Append(CultureInfo.InvariantCulture, $"| the same, by what it is at {figures.Connections.Where(one => one.Layout.Policies > 0).Min(one => one.Layout.Policies):n0} | {Name(figures.Flavour)} | {(figure.Growth.Middle - 1) * 100:+0.0;-0.0} % | within 1 % |\n");
                }
            }
        }

        text.Append('\n');
    }

    public static string Name(IptablesFlavour flavour) => flavour == IptablesFlavour.Legacy ? "iptables-legacy" : "iptables-nft";

    private static string Size(int bytes) => bytes < 1_024 ? ".5k" : bytes < 1 << 20 ? $"{bytes >> 10}k" : $"{bytes >> 20}M";
}
