using Google.Protobuf;
using Vallum.Manifests.Documents;
using Vallum.Manifests.Parsing;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Own;

/// <summary>A document of our own kinds becomes an object of the API, judged in full; its field paths are those of the document.</summary>
internal sealed class OwnKindReader(FaultList faults)
{
    private static readonly string[] TopFields = ["apiVersion", "kind", "metadata", "spec"];

    /// <summary>The parts of the message's name, beside the fields of its metadata.</summary>
    private static readonly string[] NameFields = ["name", "tenant"];

    /// <summary>Null with faults.</summary>
    public Api.Object? Read(DocumentNode.Mapping root, ObjectType type)
    {
        var before = faults.Count;
        var message = ApiObjects.Empty(type);
        Bind(root, message);
        var name = Name(root, type);
        var judged = ApiObjects.Wrap(message);
        SetName(judged, name?.ToString() ?? PlaceholderName(root, type));
        foreach (var violation in ObjectParser.Judge(judged))
        {
            // A name that is wrong was told already, in the document's own words.
            if (violation.Field != "name" && !faults.Touches(violation.Field, before))
            {
                faults.Add(DocumentPath.LineOf(root, violation.Field), violation.Field, violation.Reason, violation.Description);
            }
        }

        return faults.Count == before ? judged : null;
    }

    private static void SetName(Api.Object judged, string name)
    {
        var message = judged.Inner()!;
        message.Descriptor.FindFieldByName("name").Accessor.SetValue(message, name);
    }

    /// <summary>Where the name is wrong the rest is still judged: as of this owner.</summary>
    private static string PlaceholderName(DocumentNode.Mapping root, ObjectType type) =>
        type == ObjectType.Policy && (root["metadata"] as DocumentNode.Mapping)?["tenant"] is not null ? "tenants/x/policies/x" : "";

    private void Bind(DocumentNode.Mapping root, IMessage message)
    {
        var binder = new MessageBinder(faults);
        foreach (var (key, line, value) in root.Entries)
        {
            var path = FieldPath.Root.Field(Quoted.Shorten(key));
            switch (key)
            {
                case "apiVersion" or "kind" or "status":
                    break;
                case "metadata" or "spec" when value.IsNull:
                    break;
                case "metadata" or "spec" when value is DocumentNode.Mapping mapping:
                    var field = message.Descriptor.FindFieldByName(key);
                    var part = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                    binder.Bind(mapping, part, path, key == "spec" ? [] : NameFields);
                    field.Accessor.SetValue(message, part);
                    break;
                case "metadata" or "spec":
                    faults.AddWrongType(value, path, "a mapping");
                    break;
                default:
                    faults.AddUnknownField(line, path, key, TopFields);
                    break;
            }
        }
    }

    private ObjectName? Name(DocumentNode.Mapping root, ObjectType type)
    {
        var path = FieldPath.Root.Field("metadata");
        var metadata = root["metadata"] as DocumentNode.Mapping;
        var before = faults.Count;
        var id = Part(metadata, "name", type, root.Line, path, wanted: true);
        var wanted = OwnKinds.HasTenant(type);
        if (wanted == false && metadata?["tenant"] is { } surplus)
        {
            faults.Add(surplus.Line, path.Field("tenant"), Reasons.UnknownField, $"a {type} belongs to no tenant: leave it out");
        }

        var tenant = wanted == false ? null : Part(metadata, "tenant", ObjectType.Tenant, root.Line, path, wanted == true);
        return faults.Count > before || id is null ? null : new ObjectName(type, type == ObjectType.Tenant ? id : tenant, id);
    }

    private string? Part(DocumentNode.Mapping? metadata, string key, ObjectType type, int line, FieldPath path, bool wanted)
    {
        var node = metadata?[key];
        if (node is null)
        {
            if (wanted)
            {
                faults.Add(metadata?.Line ?? line, path.Field(key), Reasons.Required, "is missing");
            }

            return null;
        }

        if (node is not DocumentNode.Scalar scalar)
        {
            faults.AddWrongType(node, path.Field(key), "a text");
            return null;
        }

        var violations = new ViolationList();
        NameSyntax.IsReference(scalar.Text, type, path.Field(key), violations);
        foreach (var violation in violations.ToImmutable())
        {
            faults.Add(node.Line, violation.Field, violation.Reason, violation.Description);
        }

        return scalar.Text;
    }
}
