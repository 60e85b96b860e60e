namespace Vallum.Manifests.Parsing;

/// <summary>The forms of names, judged with the words that say what would be right.</summary>
internal static class NameSyntax
{
    private const string LabelForm = "at most 63 lower-case letters, digits and '-', beginning and ending with a letter or digit";
    private const string SubdomainForm = "at most 253 lower-case letters, digits, '-' and '.', each part beginning and ending with a letter or digit";

    /// <summary>The name of the message's own kind, or null and a violation.</summary>
    public static ObjectName? Own(string name, ObjectType type, ViolationList violations)
    {
        if (ObjectName.TryParse(name, out var parsed) && parsed.Type == type)
        {
            return parsed;
        }

        var form = type switch
        {
            ObjectType.Tenant => "tenants/{tenant}",
            ObjectType.Segment => "tenants/{tenant}/segments/{segment}",
            ObjectType.Endpoint => "tenants/{tenant}/endpoints/{endpoint}",
            ObjectType.Node => "nodes/{node}",
            ObjectType.NetworkSet => "networkSets/{set}",
            _ => "tenants/{tenant}/policies/{policy}, or policies/{policy} for the operator's",
        };
        var parts = type switch
        {
            ObjectType.Tenant or ObjectType.Segment => $"names are {LabelForm}",
            ObjectType.Node or ObjectType.NetworkSet => $"names are {SubdomainForm}",
            ObjectType.Endpoint => $"tenants are {LabelForm}; endpoints {SubdomainForm}",
            _ => $"tenants are {LabelForm}; policies {SubdomainForm}",
        };
        violations.Add(FieldPath.Root.Field("name"), Reasons.InvalidName, $"{Quoted.Of(name)} is not of the form {form}; {parts}");
        return null;
    }

    /// <summary>A reference to another object by the last part of its name.</summary>
    public static bool IsReference(string id, ObjectType type, FieldPath path, ViolationList violations)
    {
        if (ObjectName.IsValidId(type, id))
        {
            return true;
        }

        var form = type is ObjectType.Tenant or ObjectType.Segment ? LabelForm : SubdomainForm;
        var what = type switch
        {
            ObjectType.Tenant => "tenant",
            ObjectType.Segment => "segment",
            ObjectType.Node => "node",
            ObjectType.NetworkSet => "network set",
            _ => "name",
        };
        violations.Add(path, Reasons.InvalidName, $"{Quoted.Of(id)} is not the name of a {what}: {form}");
        return false;
    }
}
