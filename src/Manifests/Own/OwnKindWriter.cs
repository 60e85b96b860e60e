using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vallum.Manifests.Parsing;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Own;

/// <summary>
/// Objects of the API as documents of our own kinds, which <see cref="ManifestReader"/> reads back: the same fields in the same order each time. The etag
/// is left out, so that what was printed can be applied later.
/// </summary>
public static class OwnKindWriter
{
    // For people and files, never inside HTML: "<" stays "<".
    private static readonly JsonWriterOptions JsonOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One document per object, divided by "---".</summary>
    /// <param name="withOutput">Also what only the server says (status, uid, revision, times); reading passes over it.</param>
    public static string ToYaml(IReadOnlyList<Api.Object> objects, bool withOutput = false) =>
        YamlText.Write(objects.Select(message => Tree(message, withOutput)));

    /// <inheritdoc cref="ToYaml(IReadOnlyList{Api.Object}, bool)"/>
    public static string ToYaml(Api.Object message, bool withOutput = false) => ToYaml([message], withOutput);

    /// <summary>The object itself.</summary>
    public static string ToJson(Api.Object message, bool withOutput = false) => Json(Tree(message, withOutput));

    /// <summary>A "kind: List" of the objects, also of one and of none.</summary>
    public static string ToJson(IReadOnlyList<Api.Object> objects, bool withOutput = false) => Json(new JsonObject
    {
        ["apiVersion"] = OwnKinds.ApiVersion,
        ["kind"] = "List",
        ["items"] = new JsonArray([.. objects.Select(message => Tree(message, withOutput))]),
    });

    private static JsonObject Tree(Api.Object message, bool withOutput)
    {
        var inner = message.Inner() ?? throw new ArgumentException("The object is empty.", nameof(message));
        var metadata = new JsonObject();
        if (ObjectName.TryParse(message.NameOf(), out var name))
        {
            metadata["name"] = name.Id;
            if (name.Tenant is { } tenant && name.Type != ObjectType.Tenant)
            {
                metadata["tenant"] = tenant;
            }
        }

        var tree = new JsonObject { ["apiVersion"] = OwnKinds.ApiVersion, ["kind"] = message.TypeOf()!.Value.ToString(), ["metadata"] = metadata };
        var fields = MessageTree.Of(inner, withOutput);
        foreach (var (key, value) in Detached(fields["metadata"]).Where(f => f.Key != "etag"))
        {
            metadata[key] = value;
        }

        foreach (var (key, value) in Detached(fields).Where(f => f.Key is "spec" or "status"))
        {
            tree[key] = value;
        }

        return tree;
    }

    /// <summary>A node has one parent: its fields are taken from it before another gets them.</summary>
    private static List<KeyValuePair<string, JsonNode?>> Detached(JsonNode? node)
    {
        if (node is not JsonObject fields)
        {
            return [];
        }

        var list = fields.ToList();
        fields.Clear();
        return list;
    }

    private static string Json(JsonObject tree)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, JsonOptions))
        {
            tree.WriteTo(writer);
        }

        bytes.WriteByte((byte)'\n');
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
