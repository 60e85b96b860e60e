using Google.Protobuf.Reflection;

namespace Vallum.Compatibility.Tests.Contracts;

/// <summary>
/// A proto package, with what must stay for bytes and for JSON: numbers, names, types, cardinality, oneofs, and the shape of methods. A field may go when
/// its number and name are reserved.
/// </summary>
internal static class ProtoContracts
{
    public static ContractList Of(params FileDescriptor[] files) => ContractList.Of(
    [
        .. files.SelectMany(file => file.Services).SelectMany(Service),
        .. files.SelectMany(file => file.MessageTypes).SelectMany(Message),
        .. files.SelectMany(file => file.EnumTypes).SelectMany(Enum),
    ]);

    private static IEnumerable<(string Name, string Meaning)> Service(ServiceDescriptor service) => service.Methods.Select(method => (
        $"rpc {service.FullName} {method.Name}",
        $"({(method.IsClientStreaming ? "stream " : "")}{method.InputType.FullName}) -> {(method.IsServerStreaming ? "stream " : "")}{method.OutputType.FullName}"));

    private static IEnumerable<(string Name, string Meaning)> Message(MessageDescriptor message)
    {
        if (message.GetOptions()?.MapEntry == true)
        {
            yield break;
        }

        yield return ($"message {message.FullName}", "a message");
        foreach (var field in message.Fields.InFieldNumberOrder())
        {
            yield return ($"message {message.FullName} {field.FieldNumber}", $"{field.Name} {TypeOf(field)}{(field.JsonName == Camel(field.Name) ? "" : $", in JSON {field.JsonName}")}");
        }

        var proto = message.ToProto();
        foreach (var reserved in proto.ReservedRange.SelectMany(range => Enumerable.Range(range.Start, Math.Min(range.End - range.Start, 1000)).Select(n => $"{n}")).Concat(proto.ReservedName))
        {
            yield return ($"message {message.FullName} reserved {reserved}", "nobody");
        }

        foreach (var line in message.NestedTypes.SelectMany(Message).Concat(message.EnumTypes.SelectMany(Enum)))
        {
            yield return line;
        }
    }

    private static IEnumerable<(string Name, string Meaning)> Enum(EnumDescriptor type) =>
        type.Values.Select(value => ($"enum {type.FullName} {value.Number}", value.Name));

    private static string TypeOf(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            var entry = field.MessageType.Fields.InFieldNumberOrder();
            return $"map<{TypeOf(entry[0])}, {TypeOf(entry[1])}>";
        }

        var type = field.FieldType switch
        {
            FieldType.Message or FieldType.Group => field.MessageType.FullName,
            FieldType.Enum => field.EnumType.FullName,
            var scalar => scalar.ToString().ToLowerInvariant(),
        };
        var oneof = field.RealContainingOneof is { } choice ? $" of {choice.Name}" : "";
        return $"{(field.IsRepeated ? "repeated " : field.HasPresence && field.RealContainingOneof is null && field.FieldType != FieldType.Message ? "optional " : "")}{type}{oneof}";
    }

    /// <summary>The JSON name that protoc gives: lower camel case.</summary>
    private static string Camel(string name) =>
        string.Concat(name.Split('_').Select((word, index) => index == 0 || word.Length == 0 ? word : $"{char.ToUpperInvariant(word[0])}{word[1..]}"));
}
