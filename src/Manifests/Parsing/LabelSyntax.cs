using System.Text.RegularExpressions;

namespace Vallum.Manifests.Parsing;

/// <summary>
/// Labels as Kubernetes writes them (kubernetes.io/docs/concepts/overview/working-with-objects/labels): a key is an optional DNS subdomain and "/", then a
/// name of at most 63 characters; a value is empty or formed as that name.
/// </summary>
internal static partial class LabelSyntax
{
    private const int PrefixCharacters = 253;
    private const int NameCharacters = 63;

    public static bool IsKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        return name.Length is > 0 and <= NameCharacters && Name().IsMatch(name) &&
            (slash < 0 || (slash is > 0 and <= PrefixCharacters && Prefix().IsMatch(key[..slash])));
    }

    public static bool IsValue(string value) => value.Length == 0 || (value.Length <= NameCharacters && Name().IsMatch(value));

    public static void JudgeKey(string key, FieldPath path, ViolationList violations)
    {
        if (!IsKey(key))
        {
            violations.Add(path, Reasons.InvalidLabelKey,
                $"{Quoted.Of(key)} is not a label key: 1 to 63 letters, digits, '-', '_', '.', beginning and ending with a letter or digit, after an optional DNS name and '/', such as app or example.com/app");
        }
    }

    public static void JudgeValue(string value, FieldPath path, ViolationList violations)
    {
        if (!IsValue(value))
        {
            violations.Add(path, Reasons.InvalidLabelValue,
                $"{Quoted.Of(value)} is not a label value: empty, or at most 63 letters, digits, '-', '_', '.', beginning and ending with a letter or digit");
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Prefix();
}
