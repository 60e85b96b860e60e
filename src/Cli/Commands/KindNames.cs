using System.Collections.Immutable;
using System.CommandLine;
using Vallum.Manifests.Parsing;

namespace Vallum.Cli.Commands;

/// <summary>Kinds as people write them: singular, plural or short.</summary>
internal static class KindNames
{
    private static readonly ImmutableArray<(ObjectType Type, ImmutableArray<string> Words)> Known =
    [
        (ObjectType.Tenant, ["tenants", "tenant", "ten"]),
        (ObjectType.Segment, ["segments", "segment", "seg"]),
        (ObjectType.Endpoint, ["endpoints", "endpoint", "ep"]),
        (ObjectType.Node, ["nodes", "node", "no"]),
        (ObjectType.NetworkSet, ["networksets", "networkset", "nset"]),
        (ObjectType.Policy, ["policies", "policy", "pol"]),
    ];

    public static IEnumerable<string> Plurals => Known.Select(k => k.Words[0]);

    /// <summary>--tenant, whose default is the environment's.</summary>
    public static Option<string?> TenantOption(string description) => new("--tenant", "-t")
    {
        Description = description,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("VALLUM_TENANT") is { Length: > 0 } value ? value : null,
    };

    /// <exception cref="CommandFailure">There is no such kind.</exception>
    public static ObjectType Parse(string text)
    {
        foreach (var (type, words) in Known)
        {
            if (words.Contains(text.ToLowerInvariant()))
            {
                return type;
            }
        }

        throw new CommandFailure(ExitCode.Usage, $"there is no kind '{text}'; kinds are {string.Join(", ", Plurals)} (UNKNOWN_KIND)");
    }

    /// <summary>"web" with a tenant, "shop/web", or the API's own "tenants/shop/policies/web". A policy without a tenant is the operator's.</summary>
    /// <exception cref="CommandFailure">It is no name of that kind.</exception>
    public static ObjectName FullName(ObjectType type, string text, string? tenant)
    {
        if (ObjectName.TryParse(text, out var full) && full.Type == type)
        {
            return full;
        }

        var parts = text.Split('/');
        var name = parts switch
        {
            [var id] => type switch
            {
                ObjectType.Tenant => new ObjectName(type, id, id),
                ObjectType.Node or ObjectType.NetworkSet => new ObjectName(type, null, id),
                ObjectType.Policy => new ObjectName(type, tenant, id),
                _ => tenant is null ? null : new ObjectName(type, tenant, id),
            },
            [var owner, var id] when type is ObjectType.Segment or ObjectType.Endpoint or ObjectType.Policy => new ObjectName(type, owner, id),
            _ => null,
        };
        return name is not null && ObjectName.TryParse(name.ToString(), out var valid)
            ? valid
            : throw new CommandFailure(
                ExitCode.Usage, $"'{text}' is no {type} name; write {(type is ObjectType.Tenant or ObjectType.Node or ObjectType.NetworkSet ? "NAME" : "TENANT/NAME")} (INVALID_NAME)");
    }
}
