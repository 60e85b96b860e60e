using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Vallum.Manifests.Own;

/// <summary>
/// A message of the API as a tree of JSON, as people write it: JSON names in the order of the proto, maps sorted by key, enums by their friendly words,
/// what is not set left out.
/// </summary>
internal static class MessageTree
{
    /// <param name="withOutput">Also what only the server says: status, uid, revision.</param>
    public static JsonObject Of(IMessage message, bool withOutput)
    {
        var tree = new JsonObject();
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if ((withOutput || !MessageBinder.IsOutput(field)) && Value(message, field, withOutput) is { } value)
            {
                tree[field.JsonName] = value;
            }
        }

        return tree;
    }

    /// <summary>Null when the field is not set.</summary>
    private static JsonNode? Value(IMessage message, FieldDescriptor field, bool withOutput)
    {
        var value = field.Accessor.GetValue(message);
        if (field.IsMap)
        {
            return value is IDictionary { Count: > 0 } map ? Map(map) : null;
        }

        if (field.IsRepeated)
        {
            return value is IList { Count: > 0 } list ? new JsonArray([.. list.Cast<object>().Select(item => One(item, field, withOutput))]) : null;
        }

        return IsSet(message, field, value) ? One(value, field, withOutput) : null;
    }

    private static bool IsSet(IMessage message, FieldDescriptor field, object? value)
    {
        if (field.HasPresence)
        {
            return field.Accessor.HasValue(message);
        }

        return value switch
        {
            null or false or 0 or 0L or 0U or 0UL or 0.0 or "" => false,
            Enum @enum => Convert.ToInt32(@enum, CultureInfo.InvariantCulture) != 0,
            _ => true,
        };
    }

    private static JsonObject Map(IDictionary map)
    {
        var tree = new JsonObject();
        foreach (var key in map.Keys.Cast<string>().Order(StringComparer.Ordinal))
        {
            tree[key] = (string)map[key]!;
        }

        return tree;
    }

    private static JsonNode? One(object value, FieldDescriptor field, bool withOutput) => field.FieldType switch
    {
        // Times and durations have a text form of their own in JSON.
        FieldType.Message when field.MessageType.File.Package == "google.protobuf" => JsonNode.Parse(JsonFormatter.Default.Format((IMessage)value)),
        FieldType.Message => Of((IMessage)value, withOutput),
        FieldType.Enum => EnumWords.Write(field.EnumType, Convert.ToInt32(value, CultureInfo.InvariantCulture)),
        FieldType.Bool => (bool)value,
        FieldType.Int32 => (int)value,
        FieldType.Int64 => (long)value,
        FieldType.UInt32 => (uint)value,
        FieldType.UInt64 => (ulong)value,
        FieldType.Double => (double)value,
        FieldType.String => (string)value,
        _ => throw new InvalidOperationException($"{field.FullName} is of a type that is not written down"),
    };
}
