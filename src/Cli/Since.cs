using System.CommandLine.Parsing;
using System.Globalization;

namespace Vallum.Cli;

/// <summary>A time as people write it: how long ago ("90m", "36h", "7d"), or when ("2026-11-20", "2026-11-20T08:00:00Z").</summary>
internal static class Since
{
    public static DateTimeOffset? Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text, DateTimeOffset.UtcNow, out var value))
        {
            return value;
        }

        result.AddError($"'{text}' is neither how long ago, such as 90m, 36h or 7d, nor a time such as 2026-11-20 or 2026-11-20T08:00:00Z");
        return null;
    }

    private static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset value)
    {
        if (text.EndsWith('d') && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var days) && days < 100_000)
        {
            value = now - TimeSpan.FromDays(days);
            return true;
        }

        if (Durations.TryParse(text, out var ago))
        {
            value = now - ago;
            return true;
        }

        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value);
    }
}
