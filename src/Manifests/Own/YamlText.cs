using System.Text.Json;
using System.Text.Json.Nodes;
using Vallum.Manifests.Documents;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vallum.Manifests.Own;

/// <summary>Trees of JSON written as YAML. A text that a reader of YAML 1.1 or 1.2 could take for something else is quoted.</summary>
internal static class YamlText
{
    private static readonly string[] OldTruths = ["y", "n", "yes", "no", "on", "off"];

    public static string Write(IEnumerable<JsonObject> documents)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, EmitterSettings.Default.WithNewLine("\n").WithBestWidth(int.MaxValue));
        emitter.Emit(new StreamStart());
        var first = true;
        foreach (var document in documents)
        {
            emitter.Emit(new DocumentStart(null, null, isImplicit: first));
            Emit(emitter, document);
            emitter.Emit(new DocumentEnd(isImplicit: true));
            first = false;
        }

        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject mapping:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, true, mapping.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, value) in mapping)
                {
                    Text(emitter, key);
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case { } value when value.GetValueKind() == JsonValueKind.String:
                Text(emitter, value.GetValue<string>());
                break;
            default:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, node?.ToJsonString() ?? "null", ScalarStyle.Plain, true, false));
                break;
        }
    }

    private static void Text(Emitter emitter, string text)
    {
        var isPlain = YamlScalars.KindOfPlain(text) == DocumentNode.ScalarKind.Text && !OldTruths.Contains(text, StringComparer.OrdinalIgnoreCase);

        // Signs that YAML folds or drops are kept by escaping them.
        var style = !isPlain || text.Any(c => char.IsControl(c) || c is '\u0085' or '\u2028' or '\u2029') ? ScalarStyle.DoubleQuoted : ScalarStyle.Any;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, style == ScalarStyle.Any, true));
    }
}
