using System.Globalization;
using Vallum.Load.Measuring;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>Durations of one kind of change, in milliseconds. It travels as a line from the process that measures to the one that prints.</summary>
/// <param name="Way">Ours, or the tool that is compared.</param>
internal sealed record ChangeRow(string Change, string Way, int Members, bool BesideRewriter, int Count, double P50, double P90, double P99, double Max)
{
    private const char Between = '\t';
    private const string Mark = "row";

    public static ChangeRow Of(string change, string way, int members, bool beside, IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return new ChangeRow(change, way, members, beside, sorted.Length, Spread.At(sorted, 0.5), Spread.At(sorted, 0.9), Spread.At(sorted, 0.99), Spread.At(sorted, 1));
    }

    /// <summary>Null for another line.</summary>
    public static ChangeRow? Parse(string line)
    {
        var words = line.Split(Between);
        return words[0] != Mark ? null : new ChangeRow(
            words[1], words[2], Int(words[3]), words[4] == bool.TrueString, Int(words[5]), Double(words[6]), Double(words[7]), Double(words[8]), Double(words[9]));
    }

    public string ToLine() => string.Join(
        Between,
        [Mark, Change, Way, .. new object[] { Members, BesideRewriter, Count, P50, P90, P99, Max }.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)!)]);

    private static int Int(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static double Double(string word) => double.Parse(word, CultureInfo.InvariantCulture);
}
