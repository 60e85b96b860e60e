namespace Vallum.Silo.Security.Access;

/// <summary>What somebody may do.</summary>
internal enum Role
{
    /// <summary>Reads everything, or one tenant.</summary>
    Viewer,

    /// <summary>Of tenants: changes their segments, endpoints and policies, and reads them and nothing else.</summary>
    Editor,

    /// <summary>Runs the platform: changes tenants, segments, endpoints, nodes and network sets everywhere, reads everything, changes no policy.</summary>
    Operator,

    /// <summary>Everything.</summary>
    Admin,
}

/// <summary>A role, everywhere or for one tenant.</summary>
/// <param name="Tenant">Null: everywhere. Editors always have one, admins and operators never.</param>
internal readonly record struct Grant(Role Role, string? Tenant);
