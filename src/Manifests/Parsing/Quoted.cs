using System.Text;

namespace Vallum.Manifests.Parsing;

/// <summary>What somebody wrote, fit to be shown in a message: short, on one line, without control characters.</summary>
internal static class Quoted
{
    /// <summary>Characters that are shown of a longer text.</summary>
    private const int Shown = 80;

    public static string Of(string text) => $"'{Shorten(text)}'";

    public static string Shorten(string text)
    {
        if (text.Length <= Shown && !text.Any(char.IsControl))
        {
            return text;
        }

        var shown = new StringBuilder(Shown + 1);
        foreach (var character in text.AsSpan(0, Math.Min(Shown, text.Length)))
        {
            shown.Append(char.IsControl(character) ? '?' : character);
        }

        return text.Length > Shown ? shown.Append('…').ToString() : shown.ToString();
    }
}
