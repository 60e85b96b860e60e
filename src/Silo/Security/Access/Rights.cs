using System.Collections.Immutable;
using Vallum.Manifests.Parsing;

namespace Vallum.Silo.Security.Access;

/// <summary>What all grants of a caller together allow. The definition of the roles.</summary>
internal sealed class Rights
{
    public static readonly Rights All = new([new Grant(Role.Admin, null)]);

    private readonly bool _isAdmin;
    private readonly bool _isOperator;
    private readonly ImmutableHashSet<string> _edits;

    public Rights(IReadOnlyCollection<Grant> grants)
    {
        _isAdmin = grants.Contains(new Grant(Role.Admin, null));
        _isOperator = grants.Contains(new Grant(Role.Operator, null));
        _edits = [.. grants.Where(g => g.Role == Role.Editor).Select(g => g.Tenant).OfType<string>()];
        ReadsEverything = _isAdmin || _isOperator || grants.Contains(new Grant(Role.Viewer, null));
        Tenants = _edits.Union(grants.Where(g => g.Role == Role.Viewer).Select(g => g.Tenant).OfType<string>());
    }

    /// <summary>All tenants, and the cluster's own objects.</summary>
    public bool ReadsEverything { get; }

    /// <summary>The tenants that are named in grants; who reads everything reads others too.</summary>
    public ImmutableHashSet<string> Tenants { get; }

    public bool AreNone => !ReadsEverything && Tenants.IsEmpty;

    /// <param name="tenant">Null: the cluster's own objects.</param>
    public bool MayRead(string? tenant) => ReadsEverything || (tenant is not null && Tenants.Contains(tenant));

    /// <summary>Whether nothing is lost to the reader that <paramref name="other"/> shows.</summary>
    public bool ReadsAllThat(Rights other) => ReadsEverything || (!other.ReadsEverything && other.Tenants.IsSubsetOf(Tenants));

    /// <param name="tenant">Null: the cluster's own objects.</param>
    public bool MayChange(ObjectType type, string? tenant) => _isAdmin || type switch
    {
        ObjectType.Tenant or ObjectType.Node or ObjectType.NetworkSet => _isOperator,
        ObjectType.Segment or ObjectType.Endpoint => _isOperator || Edits(tenant),
        ObjectType.Policy => Edits(tenant),
        _ => false,
    };

    private bool Edits(string? tenant) => tenant is not null && _edits.Contains(tenant);
}
