using Vallum.Manifests.Parsing;

namespace Vallum.Silo.Security.Access;

/// <summary>
/// Groups that have a role by their name, so that a certificate or a token is enough: <c>vallum:admin</c>, <c>vallum:operator</c>, <c>vallum:viewer</c>,
/// <c>vallum:editor:TENANT</c>, <c>vallum:viewer:TENANT</c>.
/// </summary>
internal static class BuiltInGroups
{
    /// <returns>Null: no such group.</returns>
    public static Grant? GrantOf(string group) => group.Split(':') switch
    {
        ["vallum", "admin"] => new Grant(Role.Admin, null),
        ["vallum", "operator"] => new Grant(Role.Operator, null),
        ["vallum", "viewer"] => new Grant(Role.Viewer, null),
        ["vallum", "viewer", var tenant] when ObjectName.IsValidId(ObjectType.Tenant, tenant) => new Grant(Role.Viewer, tenant),
        ["vallum", "editor", var tenant] when ObjectName.IsValidId(ObjectType.Tenant, tenant) => new Grant(Role.Editor, tenant),
        _ => null,
    };
}
