using Vallum.Manifests.Parsing;

namespace Vallum.Silo.Security.Access;

/// <summary>What a call wants to do with one thing, and so what its caller must be allowed.</summary>
/// <param name="Field">Where in the request it says so; empty: nowhere.</param>
internal abstract record Demand(string Field)
{
    public abstract bool IsMet(Rights rights);

    /// <summary>"to change tenants/shop/policies/web".</summary>
    public abstract string Deed { get; }

    /// <summary>The role that would allow it, in words.</summary>
    public abstract string Role { get; }

    /// <param name="Tenant">Null: the cluster's own objects, nodes and other silos included.</param>
    public sealed record Read(string? Tenant, string Field) : Demand(Field)
    {
        public override string Deed => Tenant is null ? "read what belongs to no tenant" : $"read tenants/{Tenant}";

        public override string Role => Tenant is null ? "viewer, operator or admin" : $"viewer or editor of tenant {Tenant}, or viewer, operator or admin";

        public override bool IsMet(Rights rights) => rights.MayRead(Tenant);
    }

    /// <summary>Anything: the method itself shows only what its caller may read.</summary>
    public sealed record ReadSome() : Demand("")
    {
        public override string Deed => "read anything";

        public override string Role => "viewer or editor of a tenant, viewer, operator or admin";

        public override bool IsMet(Rights rights) => !rights.AreNone;
    }

    public sealed record Change(ObjectName Name, string Field) : Demand(Field)
    {
        public override string Deed => $"change {Name}";

        public override string Role => Name.Type switch
        {
            ObjectType.Tenant or ObjectType.Node or ObjectType.NetworkSet => "operator or admin",
            ObjectType.Segment or ObjectType.Endpoint => $"editor of tenant {Name.Tenant}, operator or admin",
            _ when Name.Tenant is null => "admin",
            _ => $"editor of tenant {Name.Tenant}, or admin",
        };

        public override bool IsMet(Rights rights) => rights.MayChange(Name.Type, Name.Tenant);
    }
}
