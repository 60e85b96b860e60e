using Vallum.Manifests.Parsing;

namespace Vallum.Cli.Server;

internal static class ObjectNames
{
    /// <summary>The object's name as people write it: "shop/web" for what a tenant owns, "web" for what nobody owns.</summary>
    public static string NameOrEmpty(this Contracts.Api.V1.Object value) =>
        ObjectName.TryParse(value.NameOf(), out var name) ? Short(name) : value.NameOf();

    public static string Short(ObjectName name) => name.Type != ObjectType.Tenant && name.Tenant is { } tenant ? $"{tenant}/{name.Id}" : name.Id;
}
