using System.Collections;
using System.Globalization;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Vallum.Manifests.Documents;
using Vallum.Manifests.Parsing;

namespace Vallum.Manifests.Own;

/// <summary>
/// A mapping becomes a message of the API, by the message's own description. Strict: every unknown field and wrong type is a fault. Elements that are
/// wrong leave an empty one in their place, so that what is said later about the others names the right index.
/// </summary>
internal sealed class MessageBinder(FaultList faults)
{
    /// <param name="others">Fields that the mapping has beside the message's, and that somebody else reads.</param>
    public void Bind(DocumentNode.Mapping node, IMessage message, FieldPath path, params string[] others)
    {
        Dictionary<string, string>? choices = null;
        foreach (var (key, line, value) in node.Entries)
        {
            if (others.Contains(key))
            {
                continue;
            }

            if (Find(message.Descriptor, key) is not { } field)
            {
                var known = message.Descriptor.Fields.InDeclarationOrder().Where(f => !IsOutput(f)).Select(f => f.JsonName);
                faults.AddUnknownField(line, path.Field(Quoted.Shorten(key)), key, others.Concat(known));
                continue;
            }

            if (value.IsNull || IsOutput(field))
            {
                continue;
            }

            if (field.RealContainingOneof is { } choice && !(choices ??= []).TryAdd(choice.Name, key))
            {
                faults.Add(line, path, Reasons.ExactlyOneRequired, $"both {choices[choice.Name]} and {key} are given: give exactly one");
                continue;
            }

            Bind(value, message, field, path.Field(field.JsonName));
        }
    }

    /// <summary>What the server says of an object is not what somebody says to the server: it is read over, so that what was printed can be applied.</summary>
    public static bool IsOutput(FieldDescriptor field) =>
        field.GetOptions()?.GetExtension(FieldBehaviorExtensions.FieldBehavior)?.Contains(FieldBehavior.OutputOnly) == true;

    private static FieldDescriptor? Find(MessageDescriptor type, string key)
    {
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (field.JsonName == key)
            {
                return field;
            }
        }

        return null;
    }

    private static IMessage New(MessageDescriptor type) => type.Parser.ParseFrom(ByteString.Empty);

    private void Bind(DocumentNode value, IMessage message, FieldDescriptor field, FieldPath path)
    {
        if (field.IsMap)
        {
            BindMap(value, (IDictionary)field.Accessor.GetValue(message), path);
        }
        else if (field.IsRepeated)
        {
            BindList(value, field, (IList)field.Accessor.GetValue(message), path);
        }
        else if (One(value, field, path) is { } one)
        {
            field.Accessor.SetValue(message, one);
        }
    }

    private void BindList(DocumentNode value, FieldDescriptor field, IList list, FieldPath path)
    {
        if (value is not DocumentNode.List items)
        {
            faults.AddWrongType(value, path, "a list");
            return;
        }

        for (var i = 0; i < items.Items.Length; i++)
        {
            list.Add(One(items.Items[i], field, path[i]) ?? Nothing(field));
        }
    }

    private void BindMap(DocumentNode value, IDictionary map, FieldPath path)
    {
        if (value is not DocumentNode.Mapping mapping)
        {
            faults.AddWrongType(value, path, "a mapping");
            return;
        }

        foreach (var (key, _, text) in mapping.Entries)
        {
            if (Text(text, path.Key(key)) is { } known)
            {
                map[key] = known;
            }
        }
    }

    /// <summary>A value of the field's type; null with a fault.</summary>
    private object? One(DocumentNode value, FieldDescriptor field, FieldPath path)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                if (value is not DocumentNode.Mapping mapping)
                {
                    faults.AddWrongType(value, path, "a mapping");
                    return null;
                }

                var inner = New(field.MessageType);
                Bind(mapping, inner, path);
                return inner;
            case FieldType.Enum:
                return Enum(value, field.EnumType, path);
            case FieldType.Bool:
                return Bool(value, path);
            case FieldType.Int32:
                return Number(value, path);
            default:
                return Text(value, path);
        }
    }

    private static object Nothing(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => New(field.MessageType),
        FieldType.Enum => 0,
        _ => "",
    };

    private string? Text(DocumentNode value, FieldPath path)
    {
        if (value is DocumentNode.Scalar { Kind: not DocumentNode.ScalarKind.Null } scalar)
        {
            return scalar.Text;
        }

        faults.AddWrongType(value, path, "a text");
        return null;
    }

    private int? Number(DocumentNode value, FieldPath path)
    {
        if (value is DocumentNode.Scalar scalar && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        faults.AddWrongType(value, path, "a whole number");
        return null;
    }

    private bool? Bool(DocumentNode value, FieldPath path)
    {
        if (value is DocumentNode.Scalar { Kind: DocumentNode.ScalarKind.Boolean } scalar)
        {
            return scalar.Text.Equals("true", StringComparison.OrdinalIgnoreCase);
        }

        faults.AddWrongType(value, path, "true or false");
        return null;
    }

    private int? Enum(DocumentNode value, EnumDescriptor type, FieldPath path)
    {
        if (value is not DocumentNode.Scalar scalar)
        {
            faults.AddWrongType(value, path, $"one of {string.Join(", ", EnumWords.Known(type))}");
            return null;
        }

        if (EnumWords.Parse(type, scalar.Text) is { } number)
        {
            return number;
        }

        faults.Add(value.Line, path, Reasons.UnknownEnumValue, $"{Quoted.Of(scalar.Text)} is none of {string.Join(", ", EnumWords.Known(type))}");
        return null;
    }
}
