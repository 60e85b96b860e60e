using System.CommandLine.Parsing;
using System.Globalization;

namespace Vallum.Cli;

/// <summary>Durations as people write them: "500ms", "30s", "5m", "1h"; a bare number is seconds.</summary>
internal static class Durations
{
    public static TimeSpan Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text, out var value))
        {
            return value;
        }

        result.AddError($"'{text}' is not a duration such as 500ms, 30s, 5m or 1h");
        return default;
    }

    public static bool TryParse(string text, out TimeSpan value)
    {
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        value = default;
        if (!double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        double? seconds = text[digits..] switch
        {
            "ms" => number / 1000,
            "s" or "" => number,
            "m" => number * 60,
            "h" => number * 3600,
            _ => null,
        };
        if (seconds is not { } s || s > TimeSpan.FromDays(30).TotalSeconds)
        {
            return false;
        }

        value = TimeSpan.FromSeconds(s);
        return true;
    }

    /// <summary>"850 ms", "12 s", "5 m", "3 h", "2 d": the largest unit that is at least one.</summary>
    public static string Write(TimeSpan value) => value switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0.#}ms"),
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.#}s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalMinutes:0}m"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalHours:0}h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value.TotalDays:0}d"),
    };
}
