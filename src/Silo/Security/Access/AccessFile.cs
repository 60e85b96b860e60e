using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vallum.Silo.Security.Access;

/// <summary>The form of the file. A field that is not known is a fault: a misspelt "tenants" would give a role everywhere.</summary>
internal sealed record AccessFile
{
    public static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public required ImmutableArray<Binding> Bindings { get; init; }

    internal sealed record Binding
    {
        public required Role Role { get; init; }

        /// <summary>Null: everywhere.</summary>
        public ImmutableArray<string>? Tenants { get; init; }

        public ImmutableArray<string> Users { get; init; } = [];

        public ImmutableArray<string> Groups { get; init; } = [];
    }
}
