using System.Text.RegularExpressions;
using Vallum.Manifests.Parsing;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vallum.Manifests.Documents;

/// <summary>YAML 1.2.2, 10.3.2: the core schema. "yes" and "on" are texts, as they are everywhere but in YAML 1.1.</summary>
internal static partial class YamlScalars
{
    /// <summary>What is longer is no number that anybody wrote.</summary>
    private const int NumberCharacters = 64;

    private const string CoreTags = "tag:yaml.org,2002:";

    public static DocumentNode.ScalarKind KindOf(Scalar scalar, int line)
    {
        if (!scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific)
        {
            return scalar.Tag.Value switch
            {
                CoreTags + "str" => DocumentNode.ScalarKind.Text,
                CoreTags + "int" or CoreTags + "float" => DocumentNode.ScalarKind.Number,
                CoreTags + "bool" => DocumentNode.ScalarKind.Boolean,
                CoreTags + "null" => DocumentNode.ScalarKind.Null,
                var tag => throw new DocumentSyntaxException(line, DocumentSyntaxException.InvalidSyntax, $"the tag {Quoted.Of(tag)} has no meaning here"),
            };
        }

        return scalar.Style == ScalarStyle.Plain && !scalar.Tag.IsNonSpecific ? KindOfPlain(scalar.Value) : DocumentNode.ScalarKind.Text;
    }

    public static DocumentNode.ScalarKind KindOfPlain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => DocumentNode.ScalarKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => DocumentNode.ScalarKind.Boolean,
        _ when text.Length <= NumberCharacters && Number().IsMatch(text) => DocumentNode.ScalarKind.Number,
        _ => DocumentNode.ScalarKind.Text,
    };

    [GeneratedRegex(@"^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex Number();
}
