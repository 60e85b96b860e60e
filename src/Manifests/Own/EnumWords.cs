using System.Text;
using Google.Protobuf.Reflection;

namespace Vallum.Manifests.Own;

/// <summary>
/// The values of the API's enums as people write them: POLICY_MODE_STAGED is "Staged", LABEL_OPERATOR_NOT_IN is "NotIn". Read in any case, with or
/// without underscores and prefix; written in the one form.
/// </summary>
internal static class EnumWords
{
    /// <summary>Null when there is no such value; the unspecified one is not one to be written.</summary>
    public static int? Parse(EnumDescriptor type, string text)
    {
        var wanted = Bare(text);
        foreach (var value in type.Values)
        {
            if (value.Number != 0 && (wanted == Bare(Word(type, value)) || wanted == Bare(value.Name)))
            {
                return value.Number;
            }
        }

        return null;
    }

    /// <summary>The number itself where the enum has no such value.</summary>
    public static string Write(EnumDescriptor type, int number) =>
        type.FindValueByNumber(number) is { } value ? Word(type, value) : number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static IEnumerable<string> Known(EnumDescriptor type) => type.Values.Where(v => v.Number != 0).Select(v => Word(type, v));

    private static string Word(EnumDescriptor type, EnumValueDescriptor value)
    {
        // The first value is PREFIX_UNSPECIFIED in every enum.
        var prefix = type.Values[0].Name[..^"UNSPECIFIED".Length];
        var name = value.Name.StartsWith(prefix, StringComparison.Ordinal) ? value.Name[prefix.Length..] : value.Name;
        var word = new StringBuilder(name.Length);
        foreach (var part in name.Split('_'))
        {
            word.Append(part[..1]).Append(part[1..].ToLowerInvariant());
        }

        return word.ToString();
    }

    private static string Bare(string text) => text.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
